"""Provides a queue on a real store, with citizens who wait and agents who claim them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.core.event_facts import TicketState
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Priority, Speaker
from bot.handoff.agent import Agent
from bot.handoff.queue import Queue
from bot.tickets.presence import Presences
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Transitions
from tests.integration.sweeper_world import AlwaysOpen
from tests.no_record import mailbox_of

ANA, BETO = Agent("ana", "Ana Soto"), Agent("beto", "Beto Paz", own=("obras",))
JEFA = Agent("jefa", "Jefa", sees_all=True, supervises=True)


@dataclass
class World:
    """A queue on a real store, and methods that create waiting citizens."""

    redis: Any
    agency: Agency

    def __post_init__(self) -> None:
        self.inbox, self.tickets = mailbox_of(self.redis), Tickets(self.redis)
        self.transitions, self.presences = Transitions(self.redis), Presences(self.redis)
        self.hours = AlwaysOpen(self.agency)
        self.queue = Queue(
            tickets=self.tickets,
            transitions=self.transitions,
            presences=self.presences,
            agency=self.agency,
            hours=self.hours,
        )
        self._numbers = itertools.count(1)

    async def waits(self, team: str = "atencion", priority: Priority = Priority.NORMAL) -> str:
        """Creates a citizen who waits; returns the ticket's id."""
        number = next(self._numbers)
        one = CitizenMessage(f"c{number}", Channel.WEB, f"m{number}", "persona", at=0)
        await self.inbox.accept(one)
        handoff = Handoff(HandoffReason.ASKED_HUMAN, priority, team=team)
        await self.inbox.commit([one], (), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)
        return next(ticket.id for ticket in await self.tickets.waiting() if ticket.conversation == f"c{number}")

    async def has(self, agent: Agent, count: int) -> list[str]:
        """Creates ``count`` tickets that the agent has claimed; returns their ids."""
        for _ in range(count):
            await self.waits()
        taken = [await self.queue.claim_next(agent) for _ in range(count)]
        return [ticket.id for ticket in taken if ticket]

    async def said(self, ticket: str) -> str:
        """Returns what the ticket's citizen was told last."""
        found = await self.tickets.get(ticket)
        assert found is not None
        return (await self.inbox.events(found.conversation))[-1].text

    async def owner(self, ticket: str) -> str:
        found = await self.tickets.get(ticket)
        return found.owner.id if found and found.owner else ""

    async def state(self, ticket: str) -> TicketState | None:
        found = await self.tickets.get(ticket)
        return found.state if found else None
