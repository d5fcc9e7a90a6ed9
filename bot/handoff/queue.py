"""What agents do with tickets besides answering: take the next, put aside, pass on, note, come and go.

Called by ``bot.desk.api.queue``; works through ``Tickets`` and ``Transitions``, which own every change.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

from bot.agency.model import Agency
from bot.core.errors import StaffAbsent, TicketNotYours
from bot.handoff.notices import (
    assigned_notice,
    claimed_notice,
    other_team_notice,
    requeued_notice,
    team_name,
    team_names,
)
from bot.handoff.service import Agent
from bot.tickets.presence import Presence, Presences, Present
from bot.tickets.tickets import StaffRef, Ticket, Tickets
from bot.tickets.transitions import Actor, Note, Transitions, Why

HOUR_MS = 3_600_000


@dataclass(frozen=True)
class AtWork:
    """An agent who is there, and how many conversations they have."""

    agent: Present
    load: int


class Queue:
    """Everything that moves a ticket among the staff."""

    def __init__(self, *, tickets: Tickets, transitions: Transitions, presences: Presences, agency: Agency) -> None:
        self._tickets = tickets
        self._transitions = transitions
        self._presences = presences
        self._agency = agency

    async def heartbeat(self, agent: Agent, presence: Presence | None = None) -> Presence:
        """The agent's browser is there; ``presence`` changes whether they take conversations."""
        return await self._presences.heartbeat(agent.id, agent.name, agent.skills(self._agency.desk), presence)

    async def at_work(self) -> list[AtWork]:
        """Who is there, by name."""
        owners = [ticket.owner.id for ticket in await self._tickets.claimed() if ticket.owner]
        return [AtWork(one, owners.count(one.id)) for one in await self._presences.everybody()]

    async def claim_next(self, agent: Agent) -> Ticket | None:
        """Takes whoever is first in the agent's lines, and tells them; None when nobody waits."""
        await self.heartbeat(agent)
        names = {team: team_name(self._agency, agent.speaks_for(team)) for team in team_names(self._agency)}
        notice = assigned_notice(self._agency)
        return await self._tickets.claim_next(agent.ref, agent.teams, notice, names)

    async def snooze(self, ticket: str, agent: Agent) -> None:
        """Waits for the citizen's next words. Raises TicketNotYours."""
        until = int(time.time() * 1000) + self._agency.desk.snooze_h * HOUR_MS
        await self._transitions.snooze(ticket, agent.ref, until)

    async def wake(self, ticket: str, agent: Agent) -> None:
        """Goes on with a ticket that was put aside. Raises TicketNotYours."""
        await self._transitions.wake(ticket, agent.ref)

    async def release(self, ticket: str, agent: Agent, note: Note | None = None) -> None:
        """Gives the ticket back to the head of its line. Raises TicketNotYours."""
        notice = requeued_notice(self._agency, Why.RELEASED, name=agent.name)
        await self._transitions.requeue(ticket, _actor(agent), Why.RELEASED, notice, note=note)

    async def to_team(self, ticket: str, agent: Agent, team: str, note: Note | None = None) -> None:
        """Puts the ticket into another team's line. Raises TicketNotYours."""
        notice = other_team_notice(self._agency, team)
        await self._transitions.requeue(ticket, _actor(agent), Why.TRANSFER, notice, team=team, note=note)

    async def assign(self, ticket: str, agent: Agent, to: str, note: Note | None = None) -> None:
        """Gives the ticket to somebody who is there. Raises StaffAbsent, TicketNotYours."""
        present = next((one for one in await self._presences.everybody() if one.id == to), None)
        if present is None or present.presence is Presence.AWAY:
            raise StaffAbsent(staff=to)
        await self._give(ticket, agent, StaffRef(present.id, present.name), note)

    async def take_over(self, ticket: str, agent: Agent) -> None:
        """Whoever commands takes anybody's ticket. Raises TicketNotYours."""
        if not agent.supervises:
            raise TicketNotYours(ticket=ticket)
        await self.heartbeat(agent)
        await self._give(ticket, agent, agent.ref, None)

    async def note(self, ticket: str, agent: Agent, note: Note) -> str:
        """Notes something that only staff see. Returns the feed id, '' when the ticket is over."""
        return await self._transitions.note(ticket, agent.ref, note)

    async def hand_over(self, agent: Agent) -> int:
        """The agent's shift ends: away, and what they had goes back to its lines. How many tickets that were."""
        await self.heartbeat(agent, Presence.AWAY)
        theirs = [*await self._tickets.claimed(), *await self._tickets.snoozed()]
        mine = [ticket.id for ticket in theirs if ticket.owner and ticket.owner.id == agent.id]
        notice = requeued_notice(self._agency, Why.SHIFT_END, name=agent.name)
        count = 0
        for ticket in mine:
            with suppress(TicketNotYours):  # it ended, or somebody else has it since
                await self._transitions.requeue(ticket, Actor(agent.ref, supervises=False), Why.SHIFT_END, notice)
                count += 1
        return count

    async def _give(self, ticket: str, agent: Agent, to: StaffRef, note: Note | None) -> None:
        found = await self._tickets.get(ticket)
        if found is None:
            raise TicketNotYours(ticket=ticket)
        why = Why.TAKEN_OVER if to.id == agent.id else Why.TRANSFER
        notice = claimed_notice(self._agency, name=to.name, team=found.team)
        await self._transitions.assign(ticket, _actor(agent), why, notice, to=to, note=note)


def _actor(agent: Agent) -> Actor:
    return Actor(agent.ref, agent.supervises)
