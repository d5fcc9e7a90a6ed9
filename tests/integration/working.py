"""Runs workers: one in this process, and one in its own process that can be killed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from bot.conversation.inbox import Inbox
from bot.core.messages import Author, Channel, CitizenMessage
from bot.store import keys
from tests.eventually import LONG_PATIENCE_S, eventually
from tests.integration.worker_process import make_worker

WORKER = Path(__file__).with_name("worker_process.py")


@asynccontextmanager
async def working(redis: Redis, **options: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(make_worker(redis, **options).run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def start_worker_process(url: str, answers_url: str = "") -> subprocess.Popen[bytes]:
    environment = {**os.environ, "REDIS_URL": url, "ANSWERS_URL": answers_url, "PYTHONPATH": str(WORKER.parents[2])}
    return subprocess.Popen([sys.executable, str(WORKER)], env=environment)


async def until_idle(redis: Redis) -> None:
    async def look() -> bool:
        return not await redis.xlen(keys.WORK)

    await eventually(look, LONG_PATIENCE_S)


async def send(inbox: Inbox, conversation: str, number: int, text: str = "") -> None:
    words = text or f"¿pregunta {number}?"
    await inbox.open(conversation, Channel.WEB, None)
    await inbox.accept(CitizenMessage(conversation, Channel.WEB, f"m{number}", words, at=number))


async def answers(inbox: Inbox, conversation: str, author: Author = Author.ASSISTANT) -> list[str]:
    return [
        event.text for event in await inbox.events(conversation) if event.author is author and event.kind == "message"
    ]
