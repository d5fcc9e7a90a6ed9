"""Runs workers: one in this process, and one in a separate process that can be killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.conversation.inbox import Inbox
from bot.core.messages import Author, Channel, CitizenMessage
from bot.store import consumer, keys
from tests import forked
from tests.eventually import LONG_PATIENCE_S, eventually
from tests.forked import Forked
from tests.integration.worker_process import make_worker
from tests.no_record import mailbox_of

Turn = Callable[[], Awaitable[object]]
QUICKLY = {"BLOCK_MS": 50, "RECLAIM_IDLE_MS": 300, "RECLAIM_EVERY_S": 0.05, "RENEW_S": 0.05, "RETRY_S": 0.05}


def retry_quickly(patch: pytest.MonkeyPatch) -> None:
    """Makes the consumers of this process retry failed entries after 0.3 s instead of 5 s."""
    for name, value in QUICKLY.items():
        patch.setattr(consumer, name, value)


@asynccontextmanager
async def working(redis: Redis, **options: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(make_worker(redis, **options).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def start_worker_process(url: str, answers_url: str = "") -> Forked:
    return forked.start("tests.integration.worker_process", REDIS_URL=url, ANSWERS_URL=answers_url)


async def through_kills(redis: Redis, url: str, citizens: Sequence[str], turns: Sequence[Turn]) -> None:
    """Makes worker processes answer each turn; kills each process once it has answered the first citizen.

    Each turn writes the next message of every citizen. Returns when the last worker has answered all messages of the
    last turn.
    """
    inbox, worker = mailbox_of(redis), start_worker_process(url)

    async def somebody_was_answered() -> bool:
        return any([not await inbox.pending(one) for one in citizens])

    try:
        for write in turns:
            await write()
            await eventually(somebody_was_answered)
            worker.kill()
            worker.wait()
            worker = start_worker_process(url)
            await until_idle(redis)
    finally:
        worker.kill()
        worker.wait()


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
