"""Runs the recorder, and waits until everything is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from bot.record.engine import Sessions
from bot.record.recorder import Recorder
from bot.store import keys
from tests.eventually import LONG_PATIENCE_S, eventually


@asynccontextmanager
async def recording(redis: Redis, sessions: Sessions) -> AsyncIterator[None]:
    task = asyncio.create_task(Recorder(redis=redis, sessions=sessions).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until_recorded(redis: Redis) -> None:
    async def look() -> bool:
        groups = await redis.xinfo_groups(keys.EVENTS)
        return bool(groups) and groups[0]["lag"] == groups[0]["pending"] == 0

    await eventually(look, LONG_PATIENCE_S)
