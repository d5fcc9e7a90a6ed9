"""Ends the wait for the rest of a message batch when another message of the conversation arrives.

One Redis round trip every LOOK_EVERY_S seconds checks all waiting conversations, however many there are.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from redis.exceptions import RedisError

from bot.conversation.inbox import Inbox
from bot.core.logs import log
from bot.store.streams import stopping

LOOK_EVERY_S = 0.1


@dataclass
class _Wait:
    messages: int
    more: asyncio.Event = field(default_factory=asyncio.Event)


class InboxPoller:
    """Polls the inboxes of waiting conversations; while Redis is unreachable, every wait lasts its full time."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._waits: dict[str, _Wait] = {}
        self._anybody = asyncio.Event()  # set while somebody may wait

    async def more(self, conversation: str, messages: int, wait_s: float) -> bool:
        """Waits until the number of pending messages differs from ``messages``.

        Returns whether that happened within ``wait_s`` seconds.
        """
        if wait_s <= 0:
            return False
        wait = self._waits[conversation] = _Wait(messages)
        self._anybody.set()
        try:
            async with asyncio.timeout(wait_s):
                return await wait.more.wait()
        except TimeoutError:
            return False
        finally:
            self._waits.pop(conversation, None)

    async def run(self) -> None:
        while not stopping():
            await self._anybody.wait()
            await asyncio.sleep(LOOK_EVERY_S)
            if not self._waits:
                self._anybody.clear()
                continue
            try:
                await self._look()
            except RedisError as error:
                log.warning("worker: inbox poll failed", error=type(error).__name__)

    async def _look(self) -> None:
        waits = dict(self._waits)
        if not waits:
            return
        counts = await self._inbox.waiting(list(waits))
        for wait, messages in zip(waits.values(), counts, strict=True):
            if messages != wait.messages:
                wait.more.set()
