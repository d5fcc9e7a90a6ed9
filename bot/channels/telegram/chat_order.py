"""Keeps what comes from one chat in the order in which it reached this process; chats do not wait for each other.

Telegram's server, as it is written, sends the messages of a chat one after the other, but promises nothing, and clicks
come beside them. Between reading an update and keeping it others are waited for: without this, a click would be
overtaken. Another process, and what comes again after an error, is not ordered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class ChatOrder:
    """Lets one update of a chat through at a time."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, chat: str) -> AsyncIterator[None]:
        """Waits for those that came before."""
        lock = self._locks.setdefault(chat, asyncio.Lock())
        async with lock:
            yield
