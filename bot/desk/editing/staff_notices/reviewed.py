"""Deletes notices at the desk that ask for an approval, once none of their editions waits for it.

Such a notice names its editions by the ids of the first and the last one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection

from sqlalchemy import select

from bot.desk.auth.active_staff import active_staff
from bot.desk.editing.record import State
from bot.desk.editing.staff_notices.noting import News
from bot.record.engine import Sessions
from bot.record.tables import EntryEdition
from bot.tickets.staff_notices import NoticeKind, StaffNotices

Editions = frozenset[int]

ASKS = re.compile(
    rf"{NoticeKind.ENTRY}-(?:{News.REVIEW}|{News.CORRECTED})-(?P<first>\d+)-(?P<last>\d+)-\d+$"
)  # the id of a notice with the subject ``subject_of_request``


def subject_of_request(kind: News, editions: Collection[int]) -> str:
    """Returns the subject (``about``) of a new notice that asks for the approval of these editions."""
    return f"{kind}-{min(editions)}-{max(editions)}-{time.time_ns()}"


class Requests:
    """The notices to staff that ask for an approval; every method may raise SQLAlchemyError, redis.RedisError."""

    def __init__(self, sessions: Sessions, notices: StaffNotices) -> None:
        self._sessions, self._notices = sessions, notices
        self._known: Editions | None = None

    async def drop_reviewed(self) -> None:
        """Deletes the notices that name no edition in review.

        Does nothing if the same editions are in review as at the last call. Reads the notices before the editions, so
        that a notice that arrives meanwhile is kept.
        """
        if (before := await self._in_review()) == self._known:
            return
        async with self._sessions() as session:
            staff = [str(one.id) for one in await active_staff(session)]
        ids = await self._notices.ids_of(staff)
        waiting = await self._in_review()
        await self._notices.drop_all({one: [id for id in ids[one] if _is_over(id, waiting)] for one in staff})
        self._known = before

    async def _in_review(self) -> Editions:
        async with self._sessions() as session:
            query = select(EntryEdition.id).where(EntryEdition.state == State.REVIEW.value)
            return frozenset(await session.scalars(query))


def _is_over(notice: str, waiting: Editions) -> bool:
    asked = ASKS.match(notice)
    return asked is not None and not any(int(asked["first"]) <= one <= int(asked["last"]) for one in waiting)
