"""Deletes staff notices about public notices that are not true any more.

These are requests for approvals, or for the start of a broadcast, that a person at the desk cannot give, and
announcements of public notices that do not run any more. They are also deleted when a public notice changes or its page
is opened. This task deletes those that remain because Redis was unavailable, a person lost the permission and cannot
open the page, or the notice's time is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from functools import partial
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.logs import log
from bot.desk.auth.permissions import Permission, may
from bot.desk.crisis.book import DRAFT, RUNNING
from bot.desk.crisis.gaps import gaps_of
from bot.public_notices.withdrawing import PLANNED
from bot.record.engine import Sessions
from bot.record.tables import Broadcast, Notice, Staff
from bot.tickets.staff_notices import NoticeKind, StaffNotices

EVERY_S = 60.0


class StaleRequests:
    """Deletes stale staff notices; methods except ``run`` may raise SQLAlchemyError and redis.RedisError."""

    def __init__(self, sessions: Sessions, staff_notices: StaffNotices) -> None:
        self._sessions, self._staff_notices = sessions, staff_notices

    async def run(self) -> None:
        """Deletes all stale notices every EVERY_S seconds, until cancelled."""
        while True:
            try:
                await self.drop()
            except (SQLAlchemyError, RedisError, OSError) as error:
                log.warning("notices: stale staff notices not dropped, retrying", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def drop(self) -> None:
        """Deletes the stale notices of all accounts."""
        async with self._sessions() as session:
            accounts = (await session.scalars(select(Staff.id))).all()
        for one in accounts:
            await self.drop_of(one)

    async def drop_of(self, account: UUID) -> None:
        """Deletes the stale notices of one account."""
        await self._staff_notices.keep_only(str(account), NoticeKind.PUBLIC_NOTICE, partial(self._open_for, account))

    async def _open_for(self, account: UUID) -> set[str]:
        """Returns the subjects (``about``) of the notices that are true for the account now."""
        async with self._sessions() as session:
            staff = await session.get(Staff, account)
            if staff is None or not staff.active:
                return set()
            is_running = (Notice.state == RUNNING) & (Notice.ends_at > func.now())
            running = (await session.scalars(select(Notice).where(is_running))).all()
            planned = await _planned(session, staff, [one.id for one in running])
            return {announced(one) for one in running} | planned | await _requests(session, staff)


async def _requests(session: AsyncSession, staff: Staff) -> set[str]:
    """Returns the subjects of the requests that the account can answer."""
    if not may(staff, Permission.NOTICES):
        return set()
    drafts = await session.scalars(select(Notice).where(Notice.state == DRAFT))
    return {about(one) for one in drafts if can_be_approved(one) and one.author_id != staff.id}


async def _planned(session: AsyncSession, staff: Staff, running: Collection[int]) -> set[str]:
    """Returns the subjects of the requests to start broadcasts of these running notices that the account can answer."""
    if not may(staff, Permission.NOTICES):
        return set()
    by_others = (Broadcast.state == PLANNED) & Broadcast.author_id.is_distinct_from(staff.id)
    found = await session.scalars(select(Broadcast.notice_id).where(by_others, Broadcast.notice_id.in_(running)))
    return {planned_for(one) for one in found}


def can_be_approved(notice: Notice) -> bool:
    """Returns whether the notice is a draft without unfilled placeholders."""
    return notice.state == DRAFT and not gaps_of(notice)


def about(notice: Notice) -> str:
    """Returns the subject of a request: one version of a draft, so that the page alerts to each version."""
    return f"{notice.id}-{notice.version}"


def planned_for(notice: int) -> str:
    """Returns the subject of the request to start the planned broadcast of a notice."""
    return f"broadcast-{notice}_"


def announced(notice: Notice) -> str:
    """Returns the subject of the announcement of a running notice: one revision, so that the page alerts to each."""
    return f"{announced_every(notice)}{notice.revision}"


def announced_every(notice: Notice) -> str:
    """Returns the text with which the subjects of the announcements of all revisions of a notice begin."""
    return f"running-{notice.number}_"
