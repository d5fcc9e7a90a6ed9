"""Runs only a sender, to be killed; its provider is a list in Redis that confirms slowly."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from fastapi import APIRouter

from bot.channels.outgoing.channel import Chunk, Pace
from bot.channels.outgoing.sender import Sender
from bot.conversation.addresses import Addresses
from bot.core.events import Event
from bot.core.messages import Channel
from bot.store.client import Store, open_redis
from tests.short_leases import shorten_leases

TAKING_S = 0.03
SENT = "test:sent"
SECRET = "s" * 40


class SlowProvider:
    """A slow SendingChannel: a part is in ``test:sent`` some time before the sender gets the response."""

    channel = Channel.TELEGRAM
    pace = Pace(per_second=1000, chat_every_s=0)
    idempotent = False

    def __init__(self, redis: Store) -> None:
        self._redis = redis

    def router(self) -> APIRouter:
        return APIRouter()

    def render(self, event: Event) -> tuple[Chunk, ...]:
        return tuple(Chunk(text) for text in event.text.split("|"))

    async def send(self, address: str, part: Chunk, key: str) -> str:
        number: Any = await self._redis.rpush(SENT, f"{address}:{part.text}")
        await asyncio.sleep(TAKING_S)
        return str(number)


def make_sender(redis: Store, channel: Any = None) -> Sender:
    return Sender(redis=redis, channel=channel or SlowProvider(redis), addresses=Addresses(SECRET))


if __name__ == "__main__":
    shorten_leases()
    asyncio.run(make_sender(open_redis(os.environ["REDIS_URL"], SECRET)).run())
