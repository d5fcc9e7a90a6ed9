"""Reads the open spike alarms, and closes an alarm when a person has decided on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.texts import say
from bot.desk.auth.audit import Action, add_audit
from bot.desk.auth.guard import Refused
from bot.desk.auth.sessions import SignedIn
from bot.desk.crisis.book import Person
from bot.desk.crisis.gaps import gaps_of
from bot.record.engine import Sessions
from bot.record.tables import Audit, Notice, Spike
from bot.spikes.alarms import NOTICED, OPEN

SHOWN = timedelta(hours=24)


class SpikeBook:
    """Reads and closes the spike alarms in PostgreSQL."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def open(self) -> Sequence[Spike]:
        """Returns the open alarms whose last count ended within the time SHOWN, newest first."""
        recent = Spike.last_at > datetime.now(UTC) - SHOWN
        async with self._sessions() as session:
            return (
                await session.scalars(select(Spike).where(recent, Spike.state == OPEN).order_by(Spike.id.desc()))
            ).all()

    async def get(self, id: int) -> Spike | None:
        """Returns an alarm, even a closed one; None if there is none."""
        async with self._sessions() as session:
            return await session.get(Spike, id)

    async def close(self, id: int, state: str, by: SignedIn) -> None:
        """Closes an open alarm, usually as HARMLESS. Raises Refused."""
        async with self._sessions.begin() as session:
            spike = await session.get(Spike, id, with_for_update=True)
            if spike is None or spike.state != OPEN:
                raise Refused(409, "changed", say("alzas.ya_cerrada"))
            _close(session, spike, state, Person(by.staff.id, by.staff.name))

    async def noticed(self, notice: Notice, by: Person) -> None:
        """Closes, as NOTICED, the open alarms from which a notice was written; none while the notice has gaps."""
        if gaps_of(notice):
            return
        async with self._sessions.begin() as session:
            written = select(Spike).where(Spike.id.in_(await alarms_of(session, notice.number)), Spike.state == OPEN)
            for spike in await session.scalars(written.with_for_update()):
                _close(session, spike, NOTICED, by)


async def alarms_of(session: AsyncSession, number: int) -> list[int]:
    """Returns the ids of the alarms from which a notice was written, as the audit of its drafts names them."""
    named = Audit.detail["spike"].astext.cast(BigInteger)
    saved = Audit.action == Action.NOTICE_SAVED.value, Audit.subject.startswith(f"{number}."), named.is_not(None)
    return list(await session.scalars(select(named).where(*saved).distinct()))


def _close(session: AsyncSession, spike: Spike, state: str, by: Person) -> None:
    spike.state, spike.closed_by, spike.closed_at = state, by.name, datetime.now(UTC)
    add_audit(session, Action.SPIKE_CLOSED, staff_id=by.id, subject=str(spike.id), decision=state)
