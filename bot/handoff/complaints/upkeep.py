"""Follows up complaints in a task: notifies citizens, copies photos, and sends changes to the agency's register."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.core.logs import log
from bot.core.progress import Beat, no_beat
from bot.handoff.complaints.news import ComplaintNews
from bot.handoff.complaints.photos import ComplaintPhotos
from bot.handoff.complaints.register import Register

EVERY_S = 5.0
AT_ONCE = 20  # items of one kind handled before the other kinds have their turn

One = Callable[[], Awaitable[bool]]


class ComplaintUpkeep:
    """Notifies citizens, copies photos, and sends changes to the register; runs in every bot process with a worker.

    Each item's row is locked or reserved, so that only one process handles it.
    """

    def __init__(self, news: ComplaintNews, photos: ComplaintPhotos, register: Register | None) -> None:
        self._steps: tuple[One, ...] = (photos.copy_one, news.notify_one, *([register.send_one] if register else []))

    async def run(self, beat: Beat = no_beat) -> None:
        """Handles due items every EVERY_S seconds, until cancelled."""
        while True:
            await self.do_due(beat)
            await asyncio.sleep(EVERY_S)

    async def do_due(self, beat: Beat = no_beat) -> None:
        """Handles due items of each kind; an error in one kind does not stop the others."""
        for step in self._steps:
            try:
                for _ in range(AT_ONCE):
                    beat()
                    if not await step():
                        break
            except (RedisError, SQLAlchemyError, OSError) as error:
                log.warning("complaints: store unavailable, retrying", error=type(error).__name__)
            except Exception:
                log.exception("complaints: failed")
