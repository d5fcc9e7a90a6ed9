"""Tells how the process is: ``GET /healthz`` (must it be restarted?) and ``GET /readyz`` (can it keep messages?)."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from bot.app.services import Services
from bot.core.progress import Progress

PATIENCE_S = 2.0


def health_router(services: Services, progress: Progress) -> APIRouter:
    """Makes both routes; ``/readyz`` asks Redis, PostgreSQL and Rasa each time."""
    router = APIRouter()

    @router.get("/healthz", include_in_schema=False)
    async def healthz() -> JSONResponse:
        """200 while the background tasks of this process go on; else 503 with the seconds since each late one did."""
        late = progress.late()
        return JSONResponse({"late": late}, status_code=503 if late else 200)

    @router.get("/readyz", include_in_schema=False)
    async def readyz() -> JSONResponse:
        """200 while this process can keep messages, whatever the state of Rasa and PostgreSQL, which stands beside."""
        redis, rasa = await _redis_answers(services), await services.rasa.healthy()
        parts = {"redis": redis, "rasa": rasa, "postgres": await _postgres_answers(services)}
        return JSONResponse(parts, status_code=200 if redis else 503)

    return router


async def _redis_answers(services: Services) -> bool:
    try:
        return bool(await services.redis.ping())
    except (RedisError, OSError):
        return False


async def _postgres_answers(services: Services) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_S), services.databases.persons() as session:
            return bool(await session.scalar(text("SELECT 1")))
    except (SQLAlchemyError, OSError):
        return False
