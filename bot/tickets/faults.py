"""Counts faults that delay a citizen's message, and notifies staff of each kind at most once an hour.

A fault can also be shown in the transcript.
"""

from __future__ import annotations

from enum import StrEnum

from redis.exceptions import RedisError

from bot.core.events import EventKind
from bot.core.logs import log
from bot.core.texts import say
from bot.metrics.measures import Fault, count_fault
from bot.store import keys
from bot.store.client import Store
from bot.store.scripts import Script
from bot.tickets.staff_notices import NoticeKind, StaffNotices

NOTIFY_EVERY_S = 3600


class Delay(StrEnum):
    """The kinds of messages that wait too long; each has a text for staff in ``mesa.fallas``."""

    UNANSWERED = "unanswered"  # citizens' messages that no turn has answered
    UNSENT = "unsent"  # replies that a provider has not taken


class Faults:
    """Counts and logs faults, and notifies staff through Redis; ``note`` leaves out the notice if Redis fails."""

    def __init__(self, redis: Store) -> None:
        self._redis, self._notices = redis, StaffNotices(redis)
        self._add_event = Script(redis, "add_event")

    async def note(self, conversation: str, fault: Fault, *, adds_event: bool = False) -> None:
        """Counts and logs a fault and notifies staff; with ``adds_event``, also shows it in the transcript."""
        count_fault(fault)
        log.error("fault: conversation held up", conversation=conversation, fault=fault)
        try:
            if adds_event:
                await self._add_event(conversation=conversation, kind=EventKind.REPAIRED, data="{}")
            await self._notify(conversation, fault)
        except RedisError as error:
            log.warning("fault: staff not notified", conversation=conversation, error=type(error).__name__)

    async def notify_delay(self, delay: Delay, conversation: str) -> None:
        """Notifies staff that messages wait too long; those of ``conversation`` have waited longest. Raises RedisError.

        Notifies at most once in NOTIFY_EVERY_S seconds; an unread notice of the same delay is replaced.
        """
        log.error("fault: messages wait too long", delay=delay, conversation=conversation)
        await self._notify(conversation, delay, about=delay)

    async def _notify(self, conversation: str, fault: Fault | Delay, about: str = "") -> None:
        """Notifies everyone who ever used the desk, at most once in NOTIFY_EVERY_S seconds per kind of fault."""
        once = keys.once_key(f"fault:{fault}")
        if not await self._redis.set(once, 1, ex=NOTIFY_EVERY_S, nx=True):
            return
        try:
            staff = sorted(await self._redis.smembers(keys.AGENTS))
            words = say(f"mesa.fallas.{fault}")
            await self._notices.notify(staff, NoticeKind.FAULT, words, "", conversation=conversation, about=about)
        except RedisError:
            await self._redis.delete(once)
            raise
