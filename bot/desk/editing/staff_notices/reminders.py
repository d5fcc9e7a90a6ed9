"""Reminds the editors 30, 7 and 1 days before an entry expires: at the desk, and by e-mail if SMTP_URL is set.

Each reminder is sent once, by the worker that records it first, and never at night.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.agency.model import Agency
from bot.core.logs import log
from bot.core.texts import say
from bot.desk.auth.permissions import Permission, may
from bot.desk.editing.staff_notices.mailing import mailed
from bot.faq.entries.entry import Entry
from bot.mail.senders import Sender, Words
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument, EntryReminder, Staff
from bot.tickets.staff_notices import NoticeKind, StaffNotices

DAYS = (1, 7, 30)
EVERY_S = 1800.0
FIRST_HOUR, LAST_HOUR = 8, 20  # hours of the agency's day
PAGE = "/desk/respuestas"


class Published(Protocol):
    """Provides the published entries."""

    @property
    def entries(self) -> Sequence[Entry]: ...


@dataclass(frozen=True)
class Due:
    """A reminder that the entry expires on ``expires``, in at most ``days`` days."""

    path: str
    question: str
    expires: date
    days: int


def due(entries: Sequence[Entry], today: date) -> list[Due]:
    """Returns the reminders for the entries that expire within 30 days, earliest expiry first."""
    found = []
    for entry in entries:
        left = (entry.expires - today).days if entry.expires else -1
        days = next((one for one in DAYS if 0 <= left <= one), None)
        if entry.expires and days:
            found.append(Due(entry.path, entry.question, entry.expires, days))
    return sorted(found, key=lambda one: (one.expires, one.question))


class Reminders:
    """Sends the reminders; ``mail`` is None if SMTP_URL is not set."""

    def __init__(
        self,
        sessions: Sessions,
        faq: Published,
        notices: StaffNotices,
        agency: Agency,
        *,
        mail: Sender | None,
        site: str,
    ) -> None:
        self._sessions, self._faq, self._notices, self._mail = sessions, faq, notices, mail
        self._zone, self._name, self._page = ZoneInfo(agency.timezone), agency.name, site.rstrip("/") + PAGE

    async def run(self) -> None:
        """Sends due reminders in the daytime, until cancelled."""
        while True:
            now = datetime.now(UTC).astimezone(self._zone)
            if FIRST_HOUR <= now.hour < LAST_HOUR:
                try:
                    await self.remind(now.date())
                except (SQLAlchemyError, OSError) as error:
                    log.warning("entries: reminders not sent, retrying", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def remind(self, today: date) -> int:
        """Sends and records the reminders that were not sent yet; returns their number.

        Returns 0, and records nothing, if every e-mail failed or there are no editors.
        """
        async with self._sessions.begin() as session:
            staff = (await session.scalars(select(Staff).where(Staff.active))).all()
            editors = [one for one in staff if may(one, Permission.ENTRIES)]
            if not editors:
                return 0
            new = [one for one in due(self._faq.entries, today) if await _note(session, one)]
            if not new:
                return 0
            if self._mail is not None and not await self._mailed(self._mail, [one.email for one in editors], new):
                await session.rollback()
                return 0
            await self._tell(editors, new)
        return len(new)

    async def _mailed(self, mail: Sender, addresses: Sequence[str], new: Sequence[Due]) -> bool:
        """Sends the reminders by e-mail; returns whether at least one e-mail was sent."""
        lines = [
            say("entradas.recordatorio.linea", pregunta=one.question, fecha=f"{one.expires:%d-%m-%Y}") for one in new
        ]
        text = say("entradas.recordatorio.texto", lineas="\n".join(lines), pagina=self._page, institucion=self._name)
        return await mailed(mail, dict.fromkeys(addresses, Words(_title(new), text)))

    async def _tell(self, editors: Sequence[Staff], new: Sequence[Due]) -> None:
        questions = "; ".join(one.question for one in new[:3])
        try:
            await self._notices.tell([str(one.id) for one in editors], NoticeKind.ENTRY, _title(new), questions, PAGE)
        except RedisError as error:
            log.warning("entries: editors not told", error=type(error).__name__)


def _title(new: Sequence[Due]) -> str:
    if len(new) == 1:
        return say("entradas.recordatorio.una", fecha=f"{new[0].expires:%d-%m-%Y}")
    return say("entradas.recordatorio.varias", n=len(new))


async def _note(session: AsyncSession, one: Due) -> bool:
    """Records a reminder; returns False if it was recorded before or no document has its path."""
    document = await session.scalar(select(EntryDocument.id).where(EntryDocument.path == one.path))
    if document is None:
        return False
    row = {"document_id": document, "expires": one.expires, "days": one.days}
    noted = insert(EntryReminder).values(**row).on_conflict_do_nothing().returning(EntryReminder.days)
    return await session.scalar(noted) is not None
