"""Reminds the people responsible for an entry 30, 7 and 1 days before it expires: at the desk, and by e-mail.

Responsible are the staff who supervise its team, its last author (or all editors if the author does not edit any more),
and the address of its team or unit in agency.yml. Each reminder is sent once, and never at night. If a process is
killed between sending and recording a reminder, the reminder is sent again. E-mails need SMTP_URL.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

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
from bot.faq.entries.entry import Entry, Published
from bot.mail.letters import mailed
from bot.mail.senders import Sender, Words
from bot.record.engine import Sessions
from bot.record.locks import Lock, held_alone
from bot.record.tables import EntryDocument, EntryReminder, EntryRevision, Staff
from bot.tickets.staff_notices import NoticeKind, StaffNotices

DAYS = (1, 7, 30)
EVERY_S = 1800.0
FIRST_HOUR, LAST_HOUR = 8, 20  # hours of the agency's day
PAGE = "/desk/respuestas"


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
    """The reminders for each account, and for each address of agency.yml.

    ``people`` has the active accounts, ``new`` the reminders with their documents.
    """

    people: dict[uuid.UUID, Staff] = field(default_factory=dict)
    new: list[tuple[uuid.UUID, Due]] = field(default_factory=list)
    staff: dict[uuid.UUID, list[Due]] = field(default_factory=dict)
    addresses: dict[str, list[Due]] = field(default_factory=dict)

    def add(self, document: uuid.UUID, one: Due, staff: Iterable[uuid.UUID], address: str) -> None:
        self.new.append((document, one))
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
        self._zone, self._name, self._site = agency.zone, agency.name, site.rstrip("/")
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

        Returns 0, and records nothing, if every e-mail failed. Reminders without a recipient are sent once there is a
        recipient. Raises SQLAlchemyError.
        """
        if not (await self._due(today)).new:
            return 0
        async with held_alone(self._sessions, Lock.EXPIRY_MAIL) as is_alone:
            letters = await self._due(today) if is_alone else _Letters()
            if not letters.new or not await self._mailed(letters):
                return 0
            async with self._sessions.begin() as session:
                for document, one in letters.new:
                    await _note(session, document, one)
        await self._notify(letters)
        return len(letters.new)

    async def _due(self, today: date) -> _Letters:
        """Returns the unsent reminders that have a recipient."""
        letters = _Letters()
        async with self._sessions() as session:
            letters.people = {one.id: one for one in await active_staff(session)}
            for one in due(self._faq.entries, today):
                to, address = await self._responsible(session, one, letters.people.values())
                if (to or address) and (document := await _unsent(session, one)):
                    letters.add(document, one, to, address)
        return letters

    async def _responsible(
        self, session: AsyncSession, one: Due, staff: Collection[Staff]
    ) -> tuple[set[uuid.UUID], str]:
        """Returns the accounts that are responsible for an entry, and the address of its team or unit, or ''."""
        address = self._mails.get(one.unit, self._mails.get(one.team, "")) if self._mail else ""
        author = await _last_author(session, one.path)
        editors = {person.id for person in staff if may(person, Permission.ENTRIES)}
        leading = {person.id for person in staff if may(person, Permission.ALL_TICKETS) and one.team in person.teams}
        return leading | (editors & {author} or editors), address

    async def _mailed(self, letters: _Letters) -> bool:
        """Sends the e-mails if SMTP_URL is set; returns False only if there were some and all failed."""
        staff = letters.people
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

    async def _notify(self, letters: _Letters) -> None:
        try:
            for id, new in letters.staff.items():
                questions, page = "; ".join(one.question for one in new[:3]), _page(letters.people[id])
                await self._notices.notify([str(id)], NoticeKind.ENTRY, _title(new), questions, page)
        except RedisError as error:
            log.warning("entries: editors not notified", error=type(error).__name__)


def _page(to: Staff) -> str:
    """Returns the page where a person renews an entry; '' if the person may not open that page."""
    return PAGE if may(to, Permission.ENTRIES) else ""


def _title(new: Sequence[Due]) -> str:
    if len(new) == 1:
        return say("entradas.recordatorio.una", fecha=f"{new[0].expires:%d-%m-%Y}")
    return say("entradas.recordatorio.varias", n=len(new))


async def _unsent(session: AsyncSession, one: Due) -> uuid.UUID | None:
    """Returns the document of a reminder; None if it was recorded before or no document has its path."""
    noted = select(EntryReminder.days).where(
        EntryReminder.document_id == EntryDocument.id,
        EntryReminder.expires == one.expires,
        EntryReminder.days == one.days,
    )
    return await session.scalar(select(EntryDocument.id).where(EntryDocument.path == one.path, ~noted.exists()))


async def _note(session: AsyncSession, document: uuid.UUID, one: Due) -> None:
    row = {"document_id": document, "expires": one.expires, "days": one.days}
    await session.execute(insert(EntryReminder).values(**row).on_conflict_do_nothing())


async def _last_author(session: AsyncSession, path: str) -> uuid.UUID | None:
    """Returns the account that wrote or confirmed the entry last; None if no account did."""
    query = (
        select(EntryRevision.author_id)
        .join(EntryDocument, EntryDocument.id == EntryRevision.document_id)
        .where(EntryDocument.path == path, EntryRevision.author_id.is_not(None))
        .order_by(EntryRevision.id.desc())
    )
    return await session.scalar(query.limit(1))
