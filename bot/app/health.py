"""Serves ``GET /healthz`` (does this process need a restart?) and ``GET /readyz`` (can it store messages?)."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from bot.app.services import Services
from bot.core.disk import Room
from bot.core.progress import Progress

PATIENCE_S = 2.0
READING = ["GET", "HEAD"]  # some uptime monitors ask with HEAD


def health_router(services: Services, progress: Progress) -> APIRouter:
    """Builds the routes ``/healthz`` (background tasks) and ``/readyz`` (Redis, PostgreSQL, Rasa and the disk)."""
    router = APIRouter()

    @router.api_route("/healthz", methods=READING, include_in_schema=False)
    async def healthz() -> JSONResponse:
        """Responds 200 if every background task makes progress, else 503.

        The body maps each late task to the seconds since it last made progress.
        """
        late = progress.late()
        return JSONResponse({"late": late}, status_code=503 if late else 200)

    @router.api_route("/readyz", methods=READING, include_in_schema=False)
    async def readyz() -> JSONResponse:
        """Responds 200 if Redis answers, else 503; the body also reports PostgreSQL, Rasa and the disk."""
        redis, rasa = await redis_answers(services), await services.assistant.rasa.healthy()
        has_room = services.disk.has(Room.FILES)
        parts = {"redis": redis, "rasa": rasa, "postgres": await postgres_answers(services), "disk": has_room}
        return JSONResponse(parts, status_code=200 if redis else 503)

    return router


async def redis_answers(services: Services) -> bool:
    """Returns whether Redis answers."""
    try:
        return bool(await services.redis.ping())
    except (RedisError, OSError):
        return False


async def postgres_answers(services: Services) -> bool:
    """Returns whether PostgreSQL answers within PATIENCE_S seconds."""
    try:
        async with asyncio.timeout(PATIENCE_S), services.databases.persons() as session:
            return bool(await session.scalar(text("SELECT 1")))
    except (SQLAlchemyError, OSError):
        return False
