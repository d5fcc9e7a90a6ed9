"""Notifies the staff who must act on an entry, at the desk and by e-mail.

The transaction that sends a draft to review, approves or returns it also adds a row of ``entry_news``, or the worker
adds it later; so nothing is lost if a process ends. News of one kind that arrives together, as from an import, becomes
one notice; the news of about half an hour becomes one e-mail. E-mails need SMTP_URL. Staff are notified of each draft,
publication or link once for each kind of news, but of every correction.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Container, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.core.logs import log
from bot.core.texts import say
from bot.desk.auth.active_staff import active_staff
from bot.desk.auth.permissions import Permission, may
from bot.desk.editing import record
from bot.desk.editing.form import NotAForm, form_of
from bot.desk.editing.record import Editor, State, Way
from bot.desk.editing.second_look import SecondLooks, Unconfirmed
from bot.desk.editing.staff_notices import noting
from bot.desk.editing.staff_notices.items import TO_REVIEW, Item, page_of, title_of
from bot.desk.editing.staff_notices.noting import News
from bot.desk.editing.staff_notices.reviewed import Requests, subject_of_request
from bot.desk.editing.text import EntryText
from bot.mail.letters import mailed
from bot.mail.senders import Sender, Words
from bot.record.engine import Sessions
from bot.record.locks import Lock, held_alone
from bot.record.tables import EntryDocument, EntryEdition, EntryLink, EntryNews, Staff
from bot.tickets.staff_notices import NoticeKind, StaffNotices

EVERY_S = 5.0
RETRY_S = 60.0
QUIET, GATHER = timedelta(seconds=5), timedelta(seconds=60)  # news are sent once none came for QUIET, or after GATHER
MAIL_QUIET, MAIL_GATHER = timedelta(minutes=10), timedelta(minutes=30)  # the same for e-mails
MAIL_PATIENCE = timedelta(hours=1)  # then news are shown at the desk only; longer than MAIL_GATHER
NAMED = 3  # questions that a notice about several entries names


@dataclass(frozen=True)
class _Resolved:
    """News, with the ids of the accounts to notify; none if the news is outdated."""

    item: Item
    staff: frozenset[uuid.UUID]


Letters = Sequence[tuple[Staff, list[Item]]]  # people, each with the news that concern them


@dataclass(frozen=True)
class _Ready:
    """News that can be sent now: the ids of their rows, the letters, and the arrival time of the oldest news."""

    rows: Sequence[int]
    letters: Letters
    since: datetime


@dataclass(frozen=True)
class _Way:
    """A way to send news: the function, the column with the time of sending, and the delays.

    News is sent once none has arrived for ``quiet``, or once the oldest is older than ``gather``.
    """

    send: Callable[[Letters, timedelta], Awaitable[bool]]
    column: InstrumentedAttribute[datetime | None]
    quiet: timedelta
    gather: timedelta


class EntryNewsTask:
    """Sends the news; ``mail`` is None if SMTP_URL is not set, ``site`` is the public address of the agency's site."""

    def __init__(
        self, sessions: Sessions, notices: StaffNotices, *, mail: Sender | None, site: str, agency_name: str
    ) -> None:
        self._sessions, self._notices, self._mail = sessions, notices, mail
        self._requests = Requests(sessions, notices)
        self._site, self._agency_name = site.rstrip("/"), agency_name
        self._mail_again: dict[News, float] = {}
        self._ways = (
            _Way(self._by_mail, EntryNews.mailed_at, MAIL_QUIET, MAIL_GATHER),
            _Way(self._at_desk, EntryNews.told_at, QUIET, GATHER),
        )

    async def run(self) -> None:
        """Sends news once they have been gathered, until cancelled."""
        while True:
            try:
                await self.notify(datetime.now(UTC))
            except (SQLAlchemyError, RedisError, OSError) as error:
                log.warning("entries: news not sent, retrying", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
            await asyncio.sleep(EVERY_S)

    async def notify(self, now: datetime) -> int:
        """Sends the news whose delay has passed; returns the number of sent rows.

        Counts a row once for the desk and once for e-mail. Raises SQLAlchemyError, RedisError.
        """
        await self._requests.drop_reviewed()
        looks = await SecondLooks(self._sessions).waiting()
        async with self._sessions.begin() as session:
            await _forget_ended(session)
            await _gather(session, looks, now)
            unsent = EntryNews.told_at.is_(None) | EntryNews.mailed_at.is_(None)
            pending = set(await session.scalars(select(EntryNews.kind).where(unsent)))
        waiting, done = {look.id for look in looks}, 0
        for kind in map(News, sorted(pending)):
            for way in self._ways:
                if await self._ready(kind, way, waiting, now):
                    async with held_alone(self._sessions, Lock.NEWS_MAIL) as is_alone:
                        done += await self._send(kind, way, waiting, now) if is_alone else 0
        return done

    async def _send(self, kind: News, way: _Way, waiting: Container[int], now: datetime) -> int:
        """Sends the unsent news of one kind in this way; returns the number of rows, 0 if the news must wait."""
        ready = await self._ready(kind, way, waiting, now)
        if ready is None or not await way.send(ready.letters, now - ready.since):
            return 0
        async with self._sessions.begin() as session:
            sent = update(EntryNews).where(EntryNews.id.in_(ready.rows))
            await session.execute(sent.values({way.column.key: now}))
        return len(ready.rows)

    async def _ready(self, kind: News, way: _Way, waiting: Container[int], now: datetime) -> _Ready | None:
        """Returns the unsent news of one kind; None if it must wait.

        News for staff who may approve waits while the text is not in review, and until there is somebody to notify.
        Other news does not wait for it.
        """
        async with self._sessions() as session:
            return await self._gathered(session, kind, way, waiting, now)

    async def _gathered(
        self, session: AsyncSession, kind: News, way: _Way, waiting: Container[int], now: datetime
    ) -> _Ready | None:
        query = select(EntryNews).where(way.column.is_(None), EntryNews.kind == kind.value)
        if kind in TO_REVIEW:
            query = query.where(EntryNews.subject.in_(_subjects(EntryEdition.state == State.REVIEW.value)))
        rows = (await session.scalars(query.order_by(EntryNews.id))).all()
        if not rows or rows[0].at > now - way.quiet:
            return None
        staff = await active_staff(session)
        resolved = [await _resolve(session, row, staff, waiting) for row in rows]
        ready = [(row, news) for row, news in zip(rows, resolved, strict=True) if news.staff or kind not in TO_REVIEW]
        if not ready or (ready[-1][0].at > now - way.quiet and ready[0][0].at > now - way.gather):
            return None
        theirs = [(one, [news.item for _, news in ready if one.id in news.staff]) for one in staff]
        letters = [(one, items) for one, items in theirs if items]
        return _Ready([row.id for row, _ in ready], letters, ready[0][0].at)

    async def _at_desk(self, letters: Letters, _age: timedelta) -> bool:
        for one, items in letters:
            details = items[0].text if len(items) == 1 else "; ".join(item.question for item in items[:NAMED])
            kind, asked = items[0].kind, [item.subject for item in items]
            about = subject_of_request(kind, asked) if kind in TO_REVIEW else ""
            words = (title_of(items), details, page_of(one, items))
            await self._notices.notify([str(one.id)], NoticeKind.ENTRY, *words, about=about)
        return True

    async def _by_mail(self, letters: Letters, age: timedelta) -> bool:
        """Sends the e-mails; returns False if none could be sent and the news is new enough to try again later."""
        if self._mail is None or not letters:
            return True
        kind = letters[0][1][0].kind
        if time.monotonic() < self._mail_again.get(kind, 0.0):
            return False
        if await mailed(self._mail, {one.email: self._letter(one, items) for one, items in letters}):
            return True
        self._mail_again[kind] = time.monotonic() + RETRY_S
        return age > MAIL_PATIENCE

    def _letter(self, to: Staff, items: Sequence[Item]) -> Words:
        lines = [f"- {one.title}" + (f": «{one.text}»" if one.text else "") for one in items]
        page = page_of(to, items)
        key = "correo" if page else "correo_sin_pagina"
        words = {"lineas": "\n".join(lines), "pagina": self._site + page, "institucion": self._agency_name}
        text = say(f"entradas.noticias.{key}", **words)
        return Words(title_of(items), text)


def _subjects(of: ColumnElement[bool]) -> Select[str]:
    """Returns a query for the subjects of news about editions."""
    return select(func.concat("edition ", EntryEdition.id)).where(of)


async def _forget_ended(session: AsyncSession) -> None:
    """Deletes unsent news for staff who may approve an edition, once the edition is published or discarded."""
    unsent = EntryNews.told_at.is_(None) | EntryNews.mailed_at.is_(None)
    ended = EntryNews.subject.in_(_subjects(EntryEdition.state.not_in(record.OPEN)))
    await session.execute(delete(EntryNews).where(unsent, EntryNews.kind.in_(TO_REVIEW), ended))


async def _gather(session: AsyncSession, looks: Sequence[Unconfirmed], now: datetime) -> None:
    """Queues news about texts in review and about publications that only their author has read."""
    columns = (EntryEdition.id, EntryEdition.document_id, EntryEdition.authors, EntryEdition.changed_by)
    in_review = select(*columns).where(EntryEdition.state == State.REVIEW.value)
    found = []
    for id, document, authors, name in await session.execute(in_review):
        found.append((News.REVIEW, f"edition {id}", document, Editor(authors[-1] if authors else None, name)))
    for look in looks:
        subject, by = f"publication {look.id}", Editor(look.staff, look.name)
        found += [(News.WAITS, subject, look.document, by)] if look.way is Way.MINOR else []
        found += [(News.OVERDUE, subject, look.document, by)] if look.is_overdue(now) else []
    query = select(EntryNews.kind, EntryNews.subject).where(EntryNews.subject.in_([one[1] for one in found]))
    known = {(kind, subject) for kind, subject in await session.execute(query)}
    for kind, subject, document, by in found:
        if (kind.value, subject) not in known:
            await noting.note(session, kind, subject, document, by)


async def _resolve(session: AsyncSession, row: EntryNews, staff: Sequence[Staff], waiting: Container[int]) -> _Resolved:
    kind = News(row.kind)
    text = say(f"entradas.detenida.{row.text}") if kind is News.STOPPED else row.text
    concerned = await _concerned(session, row, waiting)
    to = frozenset(one.id for one in staff if one.id != row.staff_id and concerned(one))
    question = await _question(session, row.document_id) if to else ""
    return _Resolved(Item(kind, row.document_id, question, row.name, text, _number(row)), to)


def _number(row: EntryNews) -> int:
    """Returns the id in the subject, such as 12 of «edition 12»."""
    return int(row.subject.split()[1])


async def _concerned(session: AsyncSession, row: EntryNews, waiting: Container[int]) -> Callable[[Staff], bool]:
    """Returns a function that decides whether the news concerns a person; it is always False for outdated news."""
    kind, id = News(row.kind), _number(row)
    if kind in {News.WAITS, News.OVERDUE}:
        return lambda one: id in waiting and may(one, Permission.ENTRIES)
    if kind in {News.UNIT_APPROVED, News.UNIT_CHANGES}:
        asked = await session.get_one(EntryLink, id)
        edition = await record.open_edition(session, row.document_id)
        askers = {asked.staff_id, *(edition.authors if edition else ())}
        return lambda one: one.id in askers
    edition = await session.get_one(EntryEdition, id)
    state, authors, stopped = edition.state, edition.authors, bool(edition.stopped)
    match kind:
        case News.REVIEW | News.CORRECTED:
            return lambda one: state == State.REVIEW and may(one, Permission.ENTRIES) and one.id not in authors
        case News.STOPPED:
            return lambda one: stopped and (may(one, Permission.ENTRIES) or may(one, Permission.ALL_TICKETS))
        case _:
            return lambda one: one.id in authors


async def _question(session: AsyncSession, document_id: uuid.UUID) -> str:
    """Returns an entry's question, from its open edition or else as published; the entry's path if there is none."""
    document = await session.get_one(EntryDocument, document_id)
    edition = await record.open_edition(session, document_id)
    found = edition or await record.revision_of(session, document_id, document.published_hash)
    try:
        return (found and form_of(EntryText(found.content)).fields["pregunta"]) or document.path
    except NotAForm:
        return document.path
