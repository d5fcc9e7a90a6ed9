"""Reminds staff who may write notices, once a month, that no drill took place: at the desk, and by e-mail if possible.

A reminder is sent once, and never at night. If a process is killed between sending and recording a reminder, the
reminder is sent again. E-mails need SMTP_URL.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.agency.model import Agency
from bot.core.logs import log
from bot.core.texts import say
from bot.desk.auth.active_staff import active_staff
from bot.desk.auth.permissions import Permission
from bot.desk.crisis.book import drill_is_due
from bot.mail.letters import mailed
from bot.mail.senders import Sender, Words
from bot.record.engine import Sessions
from bot.record.locks import Lock, held_alone
from bot.record.tables import DrillReminder, Staff
from bot.tickets.staff_notices import NoticeKind, StaffNotices

EVERY_S = 1800.0
FIRST_HOUR, LAST_HOUR = 8, 20  # hours of the agency's day
LEAST_BETWEEN = timedelta(days=25)  # prevents a reminder at the end of a month and another a few days later
PAGE = "/desk/avisos?paquete=simulacro#h-new"


class DrillReminders:
    """Sends the reminders; ``mail`` is None if SMTP_URL is not set."""

    def __init__(
        self, sessions: Sessions, notices: StaffNotices, agency: Agency, *, mail: Sender | None, site: str
    ) -> None:
        self._sessions, self._notices, self._agency, self._mail = sessions, notices, agency, mail
        self._zone, self._page = agency.zone, site.rstrip("/") + PAGE

    async def run(self) -> None:
        """Sends due reminders in the daytime, until cancelled."""
        while True:
            now = datetime.now(UTC)
            if FIRST_HOUR <= now.astimezone(self._zone).hour < LAST_HOUR:
                try:
                    await self.remind(now)
                except (SQLAlchemyError, OSError) as error:
                    log.warning("notices: drill reminder not sent, retrying", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def remind(self, now: datetime) -> bool:
        """Sends and records a reminder if no drill took place within the agency's term; returns whether it did so.

        Sends no reminder if a reminder was sent recently (``_due``), the installation is younger than the term, or
        another process is sending it. If every e-mail failed or nobody may write notices, records nothing, so that a
        later call sends the reminder. Raises SQLAlchemyError.
        """
        if not await self._due(now):
            return False
        async with held_alone(self._sessions, Lock.DRILL_MAIL) as is_alone:
            writers = await self._due(now) if is_alone else []
            if not writers:
                return False
            if self._mail is not None and not await self._mailed(self._mail, [one.email for one in writers]):
                return False
            await self._notify([str(one.id) for one in writers])
            async with self._sessions.begin() as session:
                row = insert(DrillReminder).values(month=self._month(now), at=now)
                await session.execute(row.on_conflict_do_nothing())
        return True

    async def _due(self, now: datetime) -> Sequence[Staff]:
        """Returns the staff to remind now; [] if no reminder is due.

        No reminder is due if a reminder was recorded this month or within LEAST_BETWEEN.
        """
        term = self._agency.crisis.drill_every
        recorded = (DrillReminder.at > now - LEAST_BETWEEN) | (DrillReminder.month == self._month(now))
        async with self._sessions() as session:
            if not await drill_is_due(session, term, now) or not await _is_older(session, now - term):
                return []
            if await session.scalar(select(DrillReminder.month).where(recorded).limit(1)):
                return []
            return await active_staff(session, Permission.NOTICES)

    def _month(self, now: datetime) -> date:
        return now.astimezone(self._zone).date().replace(day=1)

    async def _mailed(self, mail: Sender, addresses: Sequence[str]) -> bool:
        """Sends the reminder by e-mail; returns whether at least one e-mail was sent."""
        text = say("avisos.recordatorio.texto", pagina=self._page, institucion=self._agency.name)
        return await mailed(mail, dict.fromkeys(addresses, Words(self._title(), text)))

    async def _notify(self, staff: Sequence[str]) -> None:
        try:
            detail = say("avisos.recordatorio.detalle")
            await self._notices.notify(staff, NoticeKind.DRILL, self._title(), detail)
        except RedisError as error:
            log.warning("notices: drill reminder not shown at the desk", error=type(error).__name__)

    def _title(self) -> str:
        return say("avisos.recordatorio.titulo", dias=self._agency.crisis.drill_every.days)


async def _is_older(session: AsyncSession, moment: datetime) -> bool:
    """Returns whether the installation existed at ``moment``: nobody is reminded on the first day."""
    first = await session.scalar(select(func.min(Staff.created_at)))
    return first is not None and first <= moment
