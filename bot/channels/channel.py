"""What every way of writing to the agency has in common: it takes messages in and delivers replies.

Implemented by webchat.py; a new channel is a new file beside it that fulfils this Protocol. Called by create_app() for
the router and by the sender of replies for ``deliver``.
"""

from __future__ import annotations

from typing import Protocol

from fastapi import APIRouter

from bot.messages import Channel, Event


class ChannelAdapter(Protocol):
    """One channel. ``channel`` names it in conversations, tickets and figures."""

    channel: Channel

    def router(self) -> APIRouter:
        """The HTTP and WebSocket routes by which its messages arrive."""
        ...

    async def deliver(self, event: Event) -> None:
        """Shows one event of the feed to the citizen; raises RetryableError or PermanentError when it could not."""
        ...
