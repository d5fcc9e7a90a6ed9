"""Moves tickets between agents and queues when agents claim, snooze, release or transfer them, or end their shift."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.agency.model import Agency
from bot.conversation.change import ticket_of
from bot.core.clock import now_ms
from bot.core.errors.tickets import StaffAbsent, TicketNotYours
from bot.core.messages import Handoff, HandoffReason, Priority
from bot.handoff.agent import Agent
from bot.handoff.hours import ServiceHours
from bot.handoff.notices import (
    assigned_notice,
    back_notice,
    claimed_notice,
    other_team_notice,
    team_name,
    team_names,
    with_opening,
)
from bot.tickets.ending import Unanswered
from bot.tickets.presence import Presence, Presences, Present
from bot.tickets.ticket import StaffRef, Ticket
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Actor, Note, Transitions, Why

HOUR_MS = 3_600_000


@dataclass(frozen=True)
class AtWork:
    """An agent at the desk, and the number of tickets they have claimed."""

    agent: Present
    load: int


class Queue:
    """Applies agents' queue actions through ``Tickets`` and ``Transitions``, which make every change.

    An action by which an agent takes a ticket also renews the agent's heartbeat.
    """

    def __init__(
        self, *, tickets: Tickets, transitions: Transitions, presences: Presences, agency: Agency, hours: ServiceHours
    ) -> None:
        self._tickets = tickets
        self._transitions = transitions
        self._presences = presences
        self._agency = agency
        self._hours = hours

    async def heartbeat(self, agent: Agent, presence: Presence | None = None) -> Presence:
        """Renews the agent's heartbeat, sets ``presence`` if it is given, and returns the agent's presence."""
        return await self._presences.heartbeat(agent.id, agent.name, agent.skills(self._agency.desk), presence)

    async def at_work(self) -> list[AtWork]:
        """Returns the agents at the desk, each with the number of their claimed tickets."""
        owners = [ticket.owner.id for ticket in await self._tickets.claimed() if ticket.owner]
        return [AtWork(one, owners.count(one.id)) for one in await self._presences.everybody()]

    async def claim_next(self, agent: Agent) -> Ticket | None:
        """Claims the first ticket of the agent's queues and notifies the citizen; None if the queues are empty."""
        await self.heartbeat(agent)
        names = {team: team_name(self._agency, agent.speaks_for(team)) for team in team_names(self._agency)}
        notice = assigned_notice(self._agency)
        return await self._tickets.claim_next(agent.ref, agent.teams, notice, names)

    async def snooze(self, ticket: str, agent: Agent, unanswered: Unanswered | None = None) -> bool:
        """Snoozes the ticket until the citizen writes, for ``snooze_h`` hours at most. Raises TicketNotYours.

        Returns False, and changes nothing, if the citizen wrote or was answered since ``unanswered`` was read.
        """
        until = now_ms() + self._agency.desk.snooze_h * HOUR_MS
        return await self._transitions.snooze(ticket, agent.ref, until, unanswered)

    async def wake(self, ticket: str, agent: Agent) -> None:
        """Ends the ticket's snooze, so that the agent handles it again. Raises TicketNotYours."""
        await self._transitions.wake(ticket, agent.ref)

    async def release(self, ticket: str, agent: Agent, note: Note | None = None) -> None:
        """Puts the ticket back at the head of its queue with a staff-only note, if given, and notifies the citizen.

        Raises TicketNotYours.
        """
        found = await self._tickets.get(ticket)
        notice = back_notice(self._agency, found, Why.RELEASED, self._hours, name=agent.name)
        await self._transitions.requeue(ticket, _actor(agent, found), Why.RELEASED, notice, note=note)

    async def to_team(self, ticket: str, agent: Agent, team: str, note: Note | None = None) -> None:
        """Puts the ticket into another team's queue with a staff-only note, if given, and notifies the citizen.

        Raises TicketNotYours.
        """
        found = await self._tickets.get(ticket)
        if found is not None and found.priority is Priority.EMERGENCY:
            notice = back_notice(self._agency, found, Why.TRANSFER, self._hours)
        else:
            notice = with_opening(self._agency, other_team_notice(self._agency, team), self._hours.of(team))
        await self._transitions.requeue(ticket, _actor(agent, found), Why.TRANSFER, notice, team=team, note=note)

    async def assign(self, ticket: str, agent: Agent, to: str, note: Note | None = None) -> None:
        """Gives the ticket, with a staff-only note if given, to another agent, and notifies the citizen.

        Raises TicketNotYours. Raises StaffAbsent if the other agent is away or has left the desk.
        """
        target = next((one for one in await self._presences.everybody() if one.id == to), None)
        if target is None or target.presence is Presence.AWAY:
            raise StaffAbsent(staff=to)
        await self._give(ticket, agent, StaffRef(target.id, target.name), note)

    async def take_over(self, ticket: str, agent: Agent) -> None:
        """Assigns any open ticket that ``agent``, who must be a supervisor, may see to ``agent``.

        Raises TicketNotYours if ``agent`` is not a supervisor or may not see the ticket, or if it is closed.
        """
        if not _actor(agent, await self._tickets.get(ticket)).supervises:
            raise TicketNotYours(ticket=ticket)
        await self.heartbeat(agent)
        await self._give(ticket, agent, agent.ref, None)

    async def is_open(self, ticket: str) -> bool:
        """Returns whether the ticket is open now; the record may be a moment behind."""
        found = await self._tickets.get(ticket)
        return found is not None and not found.closed

    async def reopen(self, conversation: str, agent: Agent, team: str, words: str) -> str:
        """Opens a ticket for the agent, in ``team``, in a conversation without one, and notifies the citizen.

        ``words`` is the citizen's request, shown as the ticket's summary. Returns the ticket's id, or '' if the
        conversation cannot be reopened.
        """
        await self.heartbeat(agent)
        handoff = ticket_of(Handoff(HandoffReason.ASKED_HUMAN, team=team), words)
        notice = claimed_notice(self._agency, name=agent.name, team=agent.speaks_for(team))
        return await self._transitions.reopen(conversation, agent.ref, handoff, notice)

    async def note(self, ticket: Ticket, agent: Agent, note: Note, named: Sequence[str] = ()) -> str:
        """Adds a staff-only note, and notifies the agents it mentions (``named``) and the ticket's owner.

        Returns the note's event id; '' if the ticket is closed.
        """
        owner = (ticket.owner.id,) if ticket.owner else ()
        notified = [staff for staff in dict.fromkeys([*owner, *named]) if staff != agent.id]
        return await self._transitions.note(ticket.id, agent.ref, note, notified)

    async def hand_over(self, agent: Agent) -> int:
        """Ends the agent's shift: marks them away and requeues their tickets. Returns how many were requeued."""
        await self.heartbeat(agent, Presence.AWAY)
        tickets = [*await self._tickets.claimed(), *await self._tickets.snoozed()]
        count = 0
        for ticket in [one for one in tickets if one.owner and one.owner.id == agent.id]:
            notice = back_notice(self._agency, ticket, Why.SHIFT_END, self._hours, name=agent.name)
            with suppress(TicketNotYours):  # the ticket was closed or reassigned meanwhile
                await self._transitions.requeue(ticket.id, Actor(agent.ref, supervises=False), Why.SHIFT_END, notice)
                count += 1
        return count

    async def _give(self, ticket: str, agent: Agent, to: StaffRef, note: Note | None) -> None:
        found = await self._tickets.get(ticket)
        if found is None:
            raise TicketNotYours(ticket=ticket)
        why = Why.TAKEN_OVER if to.id == agent.id else Why.TRANSFER
        notice = claimed_notice(self._agency, name=to.name, team=found.team)
        await self._transitions.assign(ticket, _actor(agent, found), why, notice, to=to, note=note)


def _actor(agent: Agent, ticket: Ticket | None) -> Actor:
    """Returns the agent as the one who moves ``ticket``: supervisors move any ticket that they may see."""
    return Actor(agent.ref, agent.supervises and ticket is not None and agent.sees(ticket))
