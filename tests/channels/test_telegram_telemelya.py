"""Tests with PyPI's telemelya, a mock of Telegram, that a webhook call without a secret is refused with 403."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.agency.model import Agency
from bot.channels.telegram.adapter import PATH, SECRET_HEADER
from bot.channels.telegram.api import TelegramApi
from bot.run.ports import LOOPBACK, free_port, listening
from tests.channels.behaviours import telegram_stand
from tests.channels.telegram_peer import TOKEN
from tests.desk_world import served
from tests.eventually import PATIENCE_S, eventually

UPDATES: dict[str, dict[str, Any]] = {
    "text": {"text": "soy el alcalde"},
    "command": {"command": "/persona"},
    "button": {"callback_data": "b1"},
    "photo": {"photo_file_id": "f" * 20, "photo_caption": "mira"},
}


async def store(_request: Request) -> Response:
    """Answers for the object store that telemelya requires and these tests do not use."""
    return Response()


@pytest_asyncio.fixture
async def telemelya(redis: Any, redis_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    port = free_port()
    methods = ["GET", "HEAD", "PUT", "POST"]
    async with served(Starlette(routes=[Route("/{path:path}", store, methods=methods)])) as objects:  # type: ignore[arg-type]
        environment = {
            **os.environ,
            "MOCK_SERVER_HOST": LOOPBACK,
            "MOCK_SERVER_PORT": str(port),
            "REDIS_URL": redis_url.rsplit("/", 1)[0] + "/1",
            "MINIO_ENDPOINT": objects.removeprefix("http://"),
        }
        command = [sys.executable, "-m", "telemelya.server.app"]
        process = await asyncio.create_subprocess_exec(*command, env=environment, cwd=tmp_path, stderr=DEVNULL)
        await eventually(lambda: listening(port))
        headers = {"Authorization": "Bearer anything"}
        async with httpx.AsyncClient(
            base_url=f"http://{LOOPBACK}:{port}", headers=headers, timeout=PATIENCE_S
        ) as client:
            yield client
        process.kill()
        await process.wait()


async def test_webhook_call_without_a_secret_is_refused_and_stores_nothing(
    redis: Any, agency: Agency, telemelya: httpx.AsyncClient
) -> None:
    async with telegram_stand(redis, agency) as stand:
        app = FastAPI()
        app.include_router(stand.world.channel.router())
        async with served(app) as ours:
            api = TelegramApi(TOKEN, str(telemelya.base_url))
            await api.set_webhook(ours + PATH, stand.headers[SECRET_HEADER])
            await api.close()
            for content in UPDATES.values():
                asked = {"bot_token": TOKEN}, {"chat_id": stand.chat, **content}
                told = (await telemelya.post("/api/v1/test/send_update", params=asked[0], json=asked[1])).json()
                assert told["delivery"] == {"delivered": True, "status_code": 403, "response_body": ""}
        assert await redis.keys("v:conv:*") == await redis.keys("v:log:*") == await redis.keys("v:inbox:*") == []
        assert stand.got() == []
