"""Implements the channel without sending anything."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from bot.channels.outgoing.channel import Chunk, Pace
from bot.core.errors.messages import SendRefused
from bot.core.events import Event
from bot.core.messages import Channel


class Letter:
    """Adapts letters to the bot; implements Adapter and PreviewingChannel."""

    channel = Channel("letter")
    pace = Pace(per_second=1.0, chat_every_s=1.0)
    idempotent = False

    def router(self) -> APIRouter:
        router = APIRouter()
        router.add_api_route("/channels/letter", self.fetch, methods=["POST"])
        return router

    def render(self, event: Event) -> tuple[Chunk, ...]:
        return (Chunk(event.text),)

    async def send(self, address: str, chunk: Chunk, key: str) -> str:
        if not address:
            raise SendRefused("letter.no_box")
        return key

    async def preview(self, event: Event) -> str:
        return f"CARTA: {event.text}"

    async def fetch(self, ref: str) -> bytes:
        return ref.encode()

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Does nothing: there are no connections."""
