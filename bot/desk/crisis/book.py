"""Stores public notices in PostgreSQL: drafts, publishes, corrects, renews and lifts them.

An approval is valid only for the version that the second person read; a later save needs a new approval. Each change
and its audit row are written in one transaction.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.texts import say
from bot.desk.auth.audit import Action, add_audit
from bot.desk.auth.guard import Refused
from bot.desk.crisis.form import HOURS, NoticeForm
from bot.desk.crisis.gaps import gaps_of, listed
from bot.public_notices.recorded import measures_in
from bot.record.engine import Sessions
from bot.record.locks import Lock, take
from bot.record.tables import Notice

DRAFT, RUNNING, ENDED = "draft", "running", "ended"
# Time after which an author may publish alone: long enough for a second person to answer a call, short enough that a
# warning does not come too late.
ALONE_AFTER = timedelta(minutes=5)
MIN_REASON = 10
MAX_REASON = 300
SHOWN_ENDED = 20


@dataclass(frozen=True)
class Person:
    """The person who changes a notice; ``id`` is None for the command line."""

    id: uuid.UUID | None
    name: str


class NoticeBook:
    """Stores the public notices in PostgreSQL; methods raise Refused, whose message the page shows."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def open(self) -> Sequence[Notice]:
        """Returns the drafts and the running notices, newest first."""
        query = select(Notice).where(Notice.state.in_((DRAFT, RUNNING))).order_by(Notice.id.desc())
        async with self._sessions() as session:
            found = (await session.scalars(query)).all()
        now = datetime.now(UTC)
        return [one for one in found if one.state == DRAFT or (one.ends_at or now) > now]

    async def ended(self) -> Sequence[Notice]:
        """Returns the published notices that have ended or were replaced, newest first, at most SHOWN_ENDED."""
        over = (Notice.state == ENDED) | ((Notice.state == RUNNING) & (Notice.ends_at <= func.now()))
        query = select(Notice).where(over, Notice.published_at.is_not(None)).order_by(Notice.id.desc())
        async with self._sessions() as session:
            return (await session.scalars(query.limit(SHOWN_ENDED))).all()

    async def drill_is_due(self, term: timedelta) -> bool:
        """Returns whether no drill was published within ``term``, so that a drill is due.

        Returns False if ``term`` is zero. Raises SQLAlchemyError.
        """
        async with self._sessions() as session:
            return await drill_is_due(session, term, datetime.now(UTC))

    async def get(self, id: int) -> Notice:
        """Returns the draft or running notice with this id. Raises Refused if there is none."""
        async with self._sessions() as session:
            return await _found(session, id, DRAFT, RUNNING)

    async def published(self, id: int) -> Notice:
        """Returns the notice with this id, which was published or discarded. Raises Refused if there is none."""
        async with self._sessions() as session:
            notice = await session.get(Notice, id)
        if notice is None or notice.state == DRAFT:
            raise Refused(404, "gone", say("avisos.problemas.ya_no"))
        return notice

    async def add(self, form: NoticeForm, by: Person, **facts: object) -> Notice:
        """Saves a new draft and returns it; ``facts`` are added to the audit row, such as the alarm that led to it."""
        async with self._changing() as session:
            notice = _drafted(form, by, number=0, revision=1)
            session.add(notice)
            await session.flush()
            notice.number = notice.id
            _audit(session, Action.NOTICE_SAVED, notice, by, **facts)
        return notice

    async def save(self, id: int, version: int, form: NoticeForm, by: Person) -> Notice:
        """Saves and returns a draft; for a running notice, adds a correction as the draft of its next revision.

        A draft must still have this ``version``, which is ignored for a running notice. A measure that was lifted after
        the form was opened stays lifted.
        """
        async with self._changing() as session:
            notice = await _found(session, id, DRAFT, RUNNING)
            await _check_start(session, notice.number, form.starts_at)
            lifted = {key: mark for key, mark in notice.lifted.items() if key not in form.shown_lifted}
            if notice.state == RUNNING:
                newest = await session.scalar(select(func.max(Notice.revision)).where(Notice.number == notice.number))
                notice = _drafted(form, by, number=notice.number, revision=(newest or 0) + 1)
                session.add(notice)
                await session.flush()
            else:
                _check(notice, version, "cambio_al_guardar")
                _write(notice, form, by)
                notice.version += 1
            notice.lifted = {one.key: lifted[one.key] for one in form.measures if one.key in lifted}
            _audit(session, Action.NOTICE_SAVED, notice, by)
        return notice

    async def publish(self, id: int, version: int, by: Person, reason: str = "", **facts: object) -> Notice:
        """Publishes a draft whose ``version`` the person read, and ends the revision and older drafts that it replaces.

        If the person is its author or uses the command line, they must wait ALONE_AFTER and give a reason. A draft with
        unfilled placeholders is refused. ``facts`` are added to the audit row, such as whether the notice's pack was
        approved before.
        """
        reason = " ".join(reason.split())[:MAX_REASON]
        async with self._changing() as session:
            notice = await _found(session, id, DRAFT)
            _check(notice, version)
            if gaps := gaps_of(notice):
                raise Refused(422, "invalid", say("avisos.problemas.con_huecos", cuales=listed(gaps)))
            await _check_start(session, notice.number, notice.starts_at)
            now = datetime.now(UTC)
            alone = by.id is None or notice.author_id == by.id
            if alone:
                _check_alone(notice, reason, now)
            before = Notice.number == notice.number, Notice.state == RUNNING
            for earlier in await session.scalars(select(Notice).where(*before)):
                _end(earlier, "replaced", by, now)
            await _discard(session, (Notice.number == notice.number) & (Notice.revision < notice.revision), by, now)
            start = max(notice.starts_at or now, now)
            notice.state, notice.published_at, notice.starts_at = RUNNING, now, start
            notice.ends_at = start + timedelta(hours=notice.hours)
            notice.approver_id, notice.approver_name, notice.reason = by.id, by.name, reason if alone else ""
            measures = [one.key for one in measures_in(notice) if one.key not in notice.lifted]
            audited = {"alone": alone, "reason": notice.reason, "measures": measures, **facts}
            _audit(session, Action.NOTICE_PUBLISHED, notice, by, **audited)
        return notice

    async def renew(self, id: int, hours: int, by: Person) -> Notice:
        """Sets a running notice to end ``hours`` hours from now, or from its start if it has not started yet."""
        async with self._changing() as session:
            notice = await _found(session, id, RUNNING)
            if hours not in HOURS:
                raise Refused(422, "invalid", say("avisos.problemas.horas_malas"))
            start = max(notice.starts_at or datetime.now(UTC), datetime.now(UTC))
            notice.ends_at = start + timedelta(hours=hours)
            _audit(session, Action.NOTICE_RENEWED, notice, by, hours=hours)
        return notice

    async def end(self, id: int, by: Person) -> tuple[Notice, Sequence[Notice]]:
        """Lifts a running notice, or discards a draft; returns it and the corrections that were discarded with it.

        A drafted correction of a lifted notice would undo the lift.
        """
        now = datetime.now(UTC)
        async with self._changing() as session:
            notice = await _found(session, id, DRAFT, RUNNING)
            if notice.state == DRAFT:
                await _discard(session, Notice.id == id, by, now)
                return notice, ()
            _end(notice, "lifted", by, now)
            _audit(session, Action.NOTICE_LIFTED, notice, by)
            return notice, await _discard(session, Notice.number == notice.number, by, now)

    async def lift(self, id: int, keys: Collection[str], by: Person) -> Notice:
        """Lifts the measures with these ``keys``, while their notice continues. Raises Refused if none of them applies.

        The measures are also lifted in the notice's drafted corrections, so that publishing a correction does not
        restore them.
        """
        async with self._changing() as session:
            notice = await _found(session, id, RUNNING)
            lifted = [one.key for one in measures_in(notice) if one.key in keys and one.key not in notice.lifted]
            if not lifted:
                raise Refused(422, "invalid", say("avisos.problemas.sin_medida"))
            audited = {"name": by.name, "at": datetime.now(UTC).isoformat()}
            corrections = select(Notice).where(Notice.number == notice.number, Notice.state == DRAFT)
            for one in (notice, *await session.scalars(corrections)):
                keys_of = {measure.key for measure in measures_in(one)}
                one.lifted = one.lifted | {key: audited for key in lifted if key in keys_of}
            _audit(session, Action.NOTICE_MEASURES_LIFTED, notice, by, measures=lifted)
        return notice

    def _changing(self) -> _Changing:
        return _Changing(self._sessions)


def state_of(rows: Iterable[Notice]) -> str:
    """Returns a short text that differs as soon as one of the open notices changes, comes or goes."""
    shown = [(one.id, one.version, one.state, one.ends_at, sorted(one.lifted)) for one in rows]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


async def drill_is_due(session: AsyncSession, term: timedelta, now: datetime) -> bool:
    """Returns whether no drill was published within ``term`` before ``now``, so that a drill is due.

    Returns False if ``term`` is zero. Raises SQLAlchemyError.
    """
    done = select(Notice.id).where(Notice.drill, Notice.published_at > now - term).limit(1)
    return bool(term) and await session.scalar(done) is None


class _Changing:
    """A transaction during which no other transaction changes notices."""

    def __init__(self, sessions: Sessions) -> None:
        self._begun = sessions.begin()

    async def __aenter__(self) -> AsyncSession:
        session = await self._begun.__aenter__()
        await take(session, Lock.NOTICES)
        return session

    async def __aexit__(self, *error: object) -> None:
        await self._begun.__aexit__(*error)


def _drafted(form: NoticeForm, by: Person, *, number: int, revision: int) -> Notice:
    notice = Notice(number=number, revision=revision, state=DRAFT, version=1, lifted={})
    _write(notice, form, by)
    return notice


def _write(notice: Notice, form: NoticeForm, by: Person) -> None:
    notice.text, notice.severity, notice.signed = form.text, form.severity.value, form.signed
    notice.sectors, notice.utterances = list(form.sectors), list(form.utterances)
    notice.entries, notice.measures = list(form.entries), [one.to_data() for one in form.measures]
    notice.starts_at, notice.hours, notice.drill, notice.pack = form.starts_at, form.hours, form.drill, form.pack
    notice.author_id, notice.author_name, notice.asked_at = by.id, by.name, datetime.now(UTC)


async def _found(session: AsyncSession, id: int, *states: str) -> Notice:
    notice = await session.get(Notice, id)
    over = notice is None or notice.state not in states
    if notice is None or over or (notice.ends_at is not None and notice.ends_at <= datetime.now(UTC)):
        raise Refused(409, "changed", say("avisos.problemas.ya_no"))
    return notice


def _check(notice: Notice, version: int, words: str = "cambio") -> None:
    if notice.version != version:
        raise Refused(409, "changed", say(f"avisos.problemas.{words}", nombre=notice.author_name))


async def _check_start(session: AsyncSession, number: int, start: datetime | None) -> None:
    """Raises Refused for a correction that would take a notice away now and start later."""
    now = datetime.now(UTC)
    shown = select(Notice.id).where(
        Notice.number == number, Notice.state == RUNNING, Notice.starts_at <= now, Notice.ends_at > now
    )
    if start and start > now and await session.scalar(shown.limit(1)):
        raise Refused(422, "invalid", say("avisos.problemas.correccion_despues"))


def _check_alone(notice: Notice, reason: str, now: datetime) -> None:
    if now < notice.asked_at + ALONE_AFTER:
        raise Refused(409, "too_soon", say("avisos.problemas.muy_pronto"))
    if len(reason) < MIN_REASON:
        raise Refused(422, "invalid", say("avisos.problemas.sin_motivo", minimo=MIN_REASON))


def _end(notice: Notice, how: str, by: Person, now: datetime) -> None:
    notice.state, notice.ended, notice.ended_by, notice.ended_at = ENDED, how, by.name, now


async def _discard(session: AsyncSession, which: ColumnElement[bool], by: Person, now: datetime) -> Sequence[Notice]:
    """Ends the drafts among these notices, and returns them."""
    drafts = (await session.scalars(select(Notice).where(which, Notice.state == DRAFT).order_by(Notice.id))).all()
    for one in drafts:
        _end(one, "discarded", by, now)
        _audit(session, Action.NOTICE_DISCARDED, one, by)
    return drafts


def _audit(session: AsyncSession, action: Action, notice: Notice, by: Person, **detail: object) -> None:
    subject = f"{notice.number}.{notice.revision}"
    add_audit(session, action, staff_id=by.id, subject=subject, drill=notice.drill, **detail)
