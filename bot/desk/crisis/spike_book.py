"""Reads the open spike alarms, and closes an alarm when a person has decided on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.core.texts import say
from bot.desk.auth.audit import Action, add_audit
from bot.desk.auth.guard import Refused
from bot.desk.auth.sessions import SignedIn
from bot.record.engine import Sessions
from bot.record.tables import Spike
from bot.spikes.alarms import OPEN

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
        """Closes an open alarm as HARMLESS, or as NOTICED once a notice is written from it. Raises Refused."""
        async with self._sessions.begin() as session:
            spike = await session.get(Spike, id, with_for_update=True)
            if spike is None or spike.state != OPEN:
                raise Refused(409, "changed", say("alzas.ya_cerrada"))
            spike.state, spike.closed_by, spike.closed_at = state, by.staff.name, datetime.now(UTC)
            add_audit(session, Action.SPIKE_CLOSED, staff_id=by.staff.id, subject=str(id), decision=state)
