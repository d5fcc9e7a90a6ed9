"""Reads the audit log, page by page or as a whole, and checks the seals, which chain the hashes of its rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Text, cast, select, text
from sqlalchemy.orm import aliased

from bot.desk.auth.audit import names_of
from bot.record.audit_signatures import AuditSignatures
from bot.record.engine import Sessions
from bot.record.tables import Audit, AuditSeal, Staff

PAGE_ROWS = 100
FILE_STEP_ROWS = 1000
FIRST_BROKEN = text("""
    SELECT seq FROM (
      SELECT seq, audit_id, seal, lag(seal, 1, '') OVER chain AS before, lag(seq) OVER chain AS seq_before
      FROM audit_seals WINDOW chain AS (ORDER BY seq)
    ) AS one LEFT JOIN audit ON audit.id = one.audit_id
    WHERE audit.id IS NULL OR one.seq_before <> one.seq - 1
       OR ((one.seq_before IS NOT NULL OR one.seq = 1) AND one.seal <> audit_seal_of(one.before, audit))
    ORDER BY seq LIMIT 1
""")
UNSEALED = text("SELECT count(*) FROM audit WHERE NOT EXISTS (SELECT FROM audit_seals WHERE audit_id = audit.id)")


@dataclass(frozen=True)
class AuditFilter:
    """A filter of audit rows; an empty or None field matches any value.

    ``subject`` is a row's subject or, if that is an account, the account's e-mail. ``since`` and ``until`` are days in
    the agency's time zone, both included.
    """

    staff: UUID | None = None
    action: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class AuditRow:
    """An audit row; ``staff`` and ``name`` are the account's e-mail and name.

    Both are '' for the command line and unknown accounts. If the subject is an account, ``about`` is that account's
    e-mail, else ''. ``seal`` is the row's hash in the chain.
    """

    id: int
    at: datetime
    staff: str
    name: str
    action: str
    subject: str
    about: str
    detail: dict[str, object]
    seal: str


@dataclass(frozen=True)
class Chain:
    """The result of checking the hash chain: the number of seals, and the newest seal.

    ``broken`` is the number of the first seal that is wrong, missing or wrongly signed, None if the chain is intact.
    """

    rows: int
    last: str
    broken: int | None


class AuditReader:
    """Reads the audit log.

    ``slow_sessions`` have a longer timeout, since checking all seals takes seconds. Without ``signatures``, the
    signatures of the seals are not checked.
    """

    def __init__(
        self,
        sessions: Sessions,
        timezone: str,
        slow_sessions: Sessions | None = None,
        signatures: AuditSignatures | None = None,
    ) -> None:
        self._sessions, self._signatures = sessions, signatures
        self._slow_sessions = slow_sessions or sessions
        self._zone = ZoneInfo(timezone)

    async def page(self, filter_: AuditFilter, before: int | None = None, rows: int = PAGE_ROWS) -> list[AuditRow]:
        """Returns at most ``rows`` matching rows, newest first; with ``before``, only rows with a lower id."""
        query = self._query(filter_).order_by(Audit.id.desc()).limit(rows)
        if before is not None:
            query = query.where(Audit.id < before)
        async with self._sessions() as session:
            found = (await session.execute(query)).all()
        return [
            AuditRow(
                id=row.id,
                at=row.at.astimezone(self._zone),
                staff=email or "",
                name=name or "",
                action=row.action,
                subject=row.subject,
                about=about or "",
                detail=row.detail,
                seal=seal,
            )
            for row, email, name, about, seal in found
        ]

    async def everything(self, filter_: AuditFilter) -> AsyncIterator[AuditRow]:
        before: int | None = None
        while found := await self.page(filter_, before, FILE_STEP_ROWS):
            for row in found:
                yield row
            before = found[-1].id

    async def chain(self) -> Chain:
        """Checks that every audit row has a correct seal and that the seals' signatures are valid; returns the result.

        This takes seconds for a million rows.
        """
        async with self._slow_sessions() as session:
            broken = await session.scalar(FIRST_BROKEN)
            unsealed = await session.scalar(UNSEALED)
            last = await session.scalar(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1))
        rows = last.seq if last else 0
        unsigned = await self._signatures.first_broken() if self._signatures else None
        found = [one for one in (broken, unsigned, rows + 1 if unsealed else None) if one is not None]
        return Chain(rows, last.seal if last else "", min(found, default=None))

    async def people(self) -> list[tuple[UUID, str, str]]:
        """Returns (id, name, e-mail) of every account, sorted by name."""
        async with self._sessions() as session:
            rows = await session.execute(select(Staff.id, Staff.name, Staff.email).order_by(Staff.name))
            return [(id_, name, email) for id_, name, email in rows]

    def _query(self, filter_: AuditFilter) -> Select[Audit, str, str, str, str]:
        author, about = aliased(Staff), aliased(Staff)
        query = (
            select(Audit, author.email, author.name, about.email, AuditSeal.seal)
            .outerjoin(author, author.id == Audit.staff_id)
            .outerjoin(about, cast(about.id, Text) == Audit.subject)
            .join(AuditSeal, AuditSeal.audit_id == Audit.id)
        )
        if filter_.staff:
            query = query.where(Audit.staff_id == filter_.staff)
        if filter_.action:
            query = query.where(Audit.action.in_(names_of(filter_.action)))
        if filter_.subject:
            query = query.where((Audit.subject == filter_.subject) | (about.email == filter_.subject.lower()))
        if filter_.since:
            query = query.where(Audit.at >= self._midnight(filter_.since))
        if filter_.until:
            query = query.where(Audit.at < self._midnight(filter_.until + timedelta(days=1)))
        return query

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone)
