"""Keeps in memory the public notices that a process shows; follower.py updates them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from bot.core import clock
from bot.public_notices.measures import NO_EFFECTS, Effects
from bot.public_notices.notice import NoticeSet, PublicNotice


class NoticeBoard:
    """The notices that this process shows now or later, and an event that wakes tasks when they change."""

    def __init__(self, notices: NoticeSet | None = None) -> None:
        self._known = notices or NoticeSet()
        self._changed = asyncio.Event()

    @property
    def known(self) -> NoticeSet:
        """Returns the notices that run now or will run later."""
        return self._known

    @property
    def running(self) -> tuple[PublicNotice, ...]:
        """Returns the notices that are running at this moment, most severe first."""
        return self._known.at(clock.now_ms())

    @property
    def effects(self) -> Effects:
        """Returns the combined effects of the measures of all running notices except drills."""
        measures = [measure for one in self.running if not one.drill for measure in one.measures]
        return Effects.of(measures) if measures else NO_EFFECTS

    def show(self, notices: NoticeSet) -> None:
        """Replaces the notices and wakes the tasks that wait for a change."""
        self._known = notices
        self._changed.set()
        self._changed = asyncio.Event()

    async def changes(self) -> AsyncIterator[tuple[PublicNotice, ...]]:
        """Yields the running notices, immediately and after each change, including the start and end of a notice."""
        shown: tuple[PublicNotice, ...] | None = None
        while True:
            changed, running = self._changed, self.running
            if running != shown:
                shown = running
                yield running
            await self._until(changed)

    async def _until(self, changed: asyncio.Event) -> None:
        now_ms = clock.now_ms()
        moment = self._known.next_change(now_ms)
        try:
            async with asyncio.timeout((moment - now_ms) / 1000 if moment else None):
                await changed.wait()
        except TimeoutError:
            return
