"""Puts answers into outboxes and runs a sender for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from bot.conversation.addresses import Addresses
from bot.conversation.change import Change
from bot.core.messages import Channel, CitizenMessage, Reply, Speaker
from bot.store import keys
from tests.eventually import LONG_PATIENCE_S, eventually
from tests.integration.sender_process import SECRET, SlowProvider, make_sender
from tests.no_record import mailbox_of

TELEGRAM = Channel.TELEGRAM


async def answer(redis: Redis, conversation: str, *texts: str) -> None:
    """Sends a message as the citizen of ``conversation``, and commits ``texts`` as answers."""
    inbox, address = mailbox_of(redis), Addresses(SECRET).encrypt(conversation)
    message = CitizenMessage(conversation, TELEGRAM, f"m{time.monotonic_ns()}", "¿qué?", at=0)
    await inbox.accept(message, address=address)
    replies = tuple(Reply(text) for text in texts)
    assert await inbox.commit([message], replies, speaker=Speaker.ASSISTANT, change=Change()) == "ok"


async def until_sent(redis: Redis) -> None:
    async def look() -> bool:
        async with redis.pipeline(transaction=True) as both:  # a due retry moves from one key to the other
            both.xlen(keys.sending_key(TELEGRAM)).zcard(keys.retry_key(TELEGRAM))
            return await both.execute() == [0, 0]

    await eventually(look, LONG_PATIENCE_S)


@asynccontextmanager
async def sending_with(redis: Redis, provider: SlowProvider) -> AsyncIterator[None]:
    task = asyncio.create_task(make_sender(redis, provider).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
