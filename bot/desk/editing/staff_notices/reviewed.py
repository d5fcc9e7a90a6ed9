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

ASKS = re.compile(
    rf"{NoticeKind.ENTRY}-(?:{News.REVIEW}|{News.CORRECTED})-(?P<first>\d+)-(?P<last>\d+)-\d+$"
)  # the id of a notice with the subject ``subject_of_request``


def subject_of_request(kind: News, editions: Collection[int]) -> str:
    """Returns the subject (``about``) of a new notice that asks for the approval of these editions."""
    return f"{kind}-{min(editions)}-{max(editions)}-{time.time_ns()}"


async def drop_reviewed(sessions: Sessions, notices: StaffNotices) -> None:
    """Deletes everybody's requests for an approval of which no edition is in review.

    Raises SQLAlchemyError, redis.RedisError.
    """
    async with sessions() as session:
        staff = await active_staff(session)
        waiting = select(EntryEdition.id).where(EntryEdition.state == State.REVIEW.value)
        in_review = (await session.scalars(waiting)).all()
    for one in staff:
        for id in await notices.ids_of(str(one.id)):
            if (asked := ASKS.match(id)) and not _any_waits(asked, in_review):
                await notices.drop(str(one.id), id)


def _any_waits(asked: re.Match[str], in_review: Collection[int]) -> bool:
    return any(int(asked["first"]) <= edition <= int(asked["last"]) for edition in in_review)
