"""Reads complaints for the desk and changes their state.

The notifications of the citizen and of the agency's register are stored in the same transaction as the change;
bot/handoff/complaints/upkeep.py sends them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.errors.base import PermanentError
from bot.desk.auth.audit import Action, add_audit
from bot.record.complaint_record import ComplaintState
from bot.record.engine import Sessions
from bot.record.tables import Staff
from bot.record.tables.complaints import Complaint, ComplaintChange, ComplaintPhoto
from bot.record.tables.privacy import blocked_conversations

PAGE_ROWS = 30
FILE_STEP_ROWS = 500
MAX_ID = 2**63 - 1


class ComplaintChanged(PermanentError):
    """A colleague changed the complaint after this agent opened it."""


@dataclass(frozen=True)
class Change:
    """A change of a complaint's state, with the agent's name.

    ``told`` is the state of the citizen's notification (Notified), or ''.
    """

    id: int
    at: datetime
    name: str
    state: ComplaintState
    unit: str
    reply: str
    told: str


@dataclass(frozen=True)
class Listed:
    """A complaint with its photos and changes, oldest first."""

    row: Complaint
    photos: tuple[ComplaintPhoto, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Wanted:
    """A filter of complaints: by teams (all if empty), by state and by number ('' for any)."""

    teams: Sequence[str] = ()
    state: str = ""
    number: str = ""


@dataclass(frozen=True)
class NewState:
    """A change of state as the agent enters it; ``seen`` is the id of the newest change that the page showed.

    ``team`` is the team to which the complaint moves, or '' if it does not move.
    """

    state: ComplaintState
    unit: str
    reply: str
    team: str
    seen: int


class ComplaintList:
    """Reads and changes complaints in PostgreSQL, except those of blocked conversations, whose data may not be used."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def page(self, wanted: Wanted, before: int = MAX_ID, rows: int = PAGE_ROWS) -> list[Listed]:
        """Returns at most ``rows`` complaints that match ``wanted`` and have an id below ``before``, newest first."""
        query = _query(wanted).where(Complaint.id < before).order_by(Complaint.id.desc()).limit(rows)
        async with self._sessions() as session:
            found = list(await session.scalars(query))
            return await _listed(session, found)

    async def everything(self, wanted: Wanted) -> AsyncIterator[Listed]:
        """Yields all complaints that match ``wanted``, newest first."""
        before = MAX_ID
        while found := await self.page(wanted, before, FILE_STEP_ROWS):
            for one in found:
                yield one
            before = found[-1].row.id

    async def count(self, wanted: Wanted) -> dict[str, int]:
        """Returns the number of complaints that match ``wanted``, keyed by state.

        States without complaints are absent.
        """
        query = _query(wanted).with_only_columns(Complaint.state, func.count()).group_by(Complaint.state)
        async with self._sessions() as session:
            return {state: count for state, count in (await session.execute(query)).all()}

    async def count_blocked(self, teams: Sequence[str]) -> int:
        """Returns the number of complaints of ``teams`` (of all teams if empty) whose conversations are blocked."""
        query = _of_teams(teams).where(Complaint.conversation_id.in_(blocked_conversations()))
        async with self._sessions() as session:
            return await session.scalar(query.with_only_columns(func.count())) or 0

    async def get(self, complaint: int) -> Listed | None:
        if not 0 < complaint <= MAX_ID:
            return None
        async with self._sessions() as session:
            row = await session.scalar(_query(Wanted()).where(Complaint.id == complaint))
            return (await _listed(session, [row]))[0] if row else None

    async def change(self, complaint: int, new: NewState, staff: UUID) -> None:
        """Stores a change, with an audit row. Raises ComplaintChanged if there is a newer change than ``new.seen``."""
        newest = select(func.max(ComplaintChange.id)).where(ComplaintChange.complaint_id == complaint)
        async with self._sessions.begin() as session:
            row = await session.get_one(Complaint, complaint, with_for_update=True)
            if await session.scalar(newest) != new.seen:
                raise ComplaintChanged(number=row.number)
            row.state, row.unit, row.changed_at = new.state, new.unit, datetime.now(UTC)
            row.team = new.team or row.team
            session.add(
                ComplaintChange(complaint_id=complaint, staff_id=staff, state=new.state, unit=new.unit, reply=new.reply)
            )
            add_audit(
                session, Action.COMPLAINT_CHANGED, staff_id=staff, subject=row.number, state=new.state, unit=new.unit
            )


def _of_teams(teams: Sequence[str]) -> Select[Complaint]:
    return select(Complaint).where(Complaint.team.in_(teams)) if teams else select(Complaint)


def _query(wanted: Wanted) -> Select[Complaint]:
    query = _of_teams(wanted.teams).where(Complaint.conversation_id.not_in(blocked_conversations()))
    if wanted.state:
        query = query.where(Complaint.state == wanted.state)
    return query.where(Complaint.number == wanted.number) if wanted.number else query


async def _listed(session: AsyncSession, rows: Sequence[Complaint]) -> list[Listed]:
    ids = [row.id for row in rows]
    photos = select(ComplaintPhoto).where(ComplaintPhoto.complaint_id.in_(ids)).order_by(ComplaintPhoto.id)
    shown = list(await session.scalars(photos))
    changes = (
        select(ComplaintChange, func.coalesce(Staff.name, ""))
        .outerjoin(Staff, Staff.id == ComplaintChange.staff_id)
        .where(ComplaintChange.complaint_id.in_(ids))
        .order_by(ComplaintChange.id)
    )
    made = [(one.complaint_id, _change(one, name)) for one, name in (await session.execute(changes)).all()]
    return [
        Listed(
            row,
            tuple(one for one in shown if one.complaint_id == row.id),
            tuple(change for complaint, change in made if complaint == row.id),
        )
        for row in rows
    ]


def _change(one: ComplaintChange, name: str) -> Change:
    return Change(one.id, one.at, name, ComplaintState(one.state), one.unit, one.reply, one.told)
