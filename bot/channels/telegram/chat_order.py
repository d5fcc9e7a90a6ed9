"""Stores the updates of one Telegram chat in the order in which they reached this process.

Telegram's server sends a chat's messages one after the other but does not guarantee it, and sends clicks concurrently.
Storing an update awaits other servers, so without a lock a message could overtake an earlier click. Updates received by
another process, or repeated by Telegram after an error, are not ordered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class ChatOrder:
    """A lock for each chat, so that one of its updates is stored at a time; other chats do not wait."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, chat: str) -> AsyncIterator[None]:
        """Holds the chat's lock; it is granted in the order of the calls."""
        lock = self._locks.setdefault(chat, asyncio.Lock())
        async with lock:
            yield
