"""Reminds the people responsible for an entry 30, 7 and 1 days before it expires: at the desk, and by e-mail.

These are the staff who supervise its team, its last author (or all editors if the author does not edit any more), and
the address of its team or unit in agency.yml. Each reminder is sent once, by the worker that records it first, and
never at night. E-mails need SMTP_URL.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
from bot.desk.auth.active_staff import active_staff
from bot.desk.auth.permissions import Permission, may
from bot.faq.entries.entry import Entry
from bot.mail.letters import mailed
from bot.mail.senders import Sender, Words
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument, EntryReminder, EntryRevision, Staff
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
    """A reminder that an entry expires on ``expires``, in at most ``days`` days (one of DAYS).

    ``team`` is the key of the entry's team, ``unit`` its responsible unit.
    """

    path: str
    question: str
    expires: date
    days: int
    team: str
    unit: str


@dataclass
class _Letters:
    """The reminders for each account, and for each address of agency.yml."""

    staff: dict[uuid.UUID, list[Due]] = field(default_factory=dict)
    addresses: dict[str, list[Due]] = field(default_factory=dict)

    def add(self, one: Due, staff: Iterable[uuid.UUID], address: str) -> None:
        for id in staff:
            self.staff.setdefault(id, []).append(one)
        if address:
            self.addresses.setdefault(address, []).append(one)


def due(entries: Sequence[Entry], today: date) -> list[Due]:
    """Returns the reminders for the entries that expire within 30 days, earliest expiry first."""
    found = []
    for entry in entries:
        left = (entry.expires - today).days if entry.expires else -1
        days = next((one for one in DAYS if 0 <= left <= one), None)
        if entry.expires and days:
            found.append(Due(entry.path, entry.question, entry.expires, days, entry.team, entry.responsible))
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
        self._zone, self._name, self._site = ZoneInfo(agency.timezone), agency.name, site.rstrip("/")
        self._mails = {**{agency.teams[key]: mail for key, mail in agency.team_mails.items()}, **agency.team_mails}

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

        Returns 0, and records nothing, if every e-mail failed. A reminder for nobody is sent once there is somebody.
        Raises SQLAlchemyError.
        """
        async with self._sessions.begin() as session:
            staff = {one.id: one for one in await active_staff(session)}
            letters, new = _Letters(), 0
            for one in due(self._faq.entries, today):
                to, address = await self._responsible(session, one, staff.values())
                if (to or address) and await _note(session, one):
                    letters.add(one, to, address)
                    new += 1
            if not await self._mailed(letters, staff):
                await session.rollback()
                return 0
        await self._tell(letters.staff, staff)
        return new

    async def _responsible(
        self, session: AsyncSession, one: Due, staff: Collection[Staff]
    ) -> tuple[set[uuid.UUID], str]:
        """Returns the accounts that are responsible for an entry, and the address of its team or unit, or ''."""
        address = self._mails.get(one.unit, self._mails.get(one.team, "")) if self._mail else ""
        author = await _last_author(session, one.path)
        editors = {person.id for person in staff if may(person, Permission.ENTRIES)}
        leading = {person.id for person in staff if may(person, Permission.ALL_TICKETS) and one.team in person.teams}
        return leading | (editors & {author} or editors), address

    async def _mailed(self, letters: _Letters, staff: Mapping[uuid.UUID, Staff]) -> bool:
        """Sends the e-mails; returns whether at least one was sent, or there is none to send."""
        to = {staff[id].email: self._words(some, _page(staff[id])) for id, some in letters.staff.items()}
        to |= {address: self._words(some, PAGE) for address, some in letters.addresses.items()}
        return self._mail is None or await mailed(self._mail, to)

    def _words(self, new: Sequence[Due], page: str) -> Words:
        lines = [
            say("entradas.recordatorio.linea", pregunta=one.question, fecha=f"{one.expires:%d-%m-%Y}") for one in new
        ]
        key = "texto" if page else "texto_sin_pagina"
        words = {"lineas": "\n".join(lines), "pagina": self._site + page, "institucion": self._name}
        return Words(_title(new), say(f"entradas.recordatorio.{key}", **words))

    async def _tell(self, told: Mapping[uuid.UUID, Sequence[Due]], staff: Mapping[uuid.UUID, Staff]) -> None:
        try:
            for id, new in told.items():
                questions = "; ".join(one.question for one in new[:3])
                await self._notices.tell([str(id)], NoticeKind.ENTRY, _title(new), questions, _page(staff[id]))
        except RedisError as error:
            log.warning("entries: editors not told", error=type(error).__name__)


def _page(to: Staff) -> str:
    """Returns the page where a person renews an entry; '' for those who may not open it."""
    return PAGE if may(to, Permission.ENTRIES) else ""


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


async def _last_author(session: AsyncSession, path: str) -> uuid.UUID | None:
    """Returns the account that wrote or confirmed the entry last; None if only the disk or imports changed it."""
    query = (
        select(EntryRevision.author_id)
        .join(EntryDocument, EntryDocument.id == EntryRevision.document_id)
        .where(EntryDocument.path == path, EntryRevision.author_id.is_not(None))
        .order_by(EntryRevision.id.desc())
    )
    return await session.scalar(query.limit(1))
