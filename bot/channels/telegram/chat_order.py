"""Keeps the updates of one Telegram chat in the order in which they reached this process.

Telegram usually, but not always, sends a chat's messages one after another; it sends button clicks concurrently.
Storing an update awaits other servers, so without a lock a message could overtake an earlier click. Updates that
another process receives, or that Telegram repeats after an error, are not ordered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class ChatOrder:
    """A lock for each chat, so that a chat's updates are stored one at a time; other chats do not wait."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, chat: str) -> AsyncIterator[None]:
        """Holds the chat's lock during a ``with`` block; callers get the lock in the order of their calls."""
        lock = self._locks.setdefault(chat, asyncio.Lock())
        async with lock:
            yield
