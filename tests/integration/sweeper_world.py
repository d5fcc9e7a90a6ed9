"""Provides a sweeper in an agency that never closes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.handoff.agent import BlockedAmong
from bot.handoff.forecast import Forecasts
from bot.handoff.hours import OpeningHours, ServiceHours
from bot.handoff.sweeper import Sweeper
from bot.tickets.outbox import Outbox
from bot.tickets.presence import Presences, Skills
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Transitions
from bot.tickets.waits import Waits
from bot.tickets.watchdog import Watchdog
from tests.no_record import mailbox_of, none_blocked, proposals_of

ANA = StaffRef("ana", "Ana Soto")
LEASE_S = 60


@dataclass
class World:
    """A sweeper for which agents are absent after LEASE_S seconds, and must answer within ``answer_s`` seconds."""

    redis: Redis
    agency: Agency
    blocked: BlockedAmong = none_blocked

    def __post_init__(self) -> None:
        self.inbox, self.tickets, self.transitions = (
            mailbox_of(self.redis),
            Tickets(self.redis),
            Transitions(self.redis),
        )
        self.presences, self.waits = Presences(self.redis, LEASE_S), Waits(self.redis)
        self.hours = AlwaysOpen(self.agency)
        self.rules(answer_s=0)

    def rules(self, answer_s: float, *, assigns: bool = False) -> None:
        rules = replace(self.agency.desk, lease_s=0, answer_s=answer_s, assigns=assigns)
        self.sweeper = Sweeper(
            tickets=self.tickets,
            transitions=self.transitions,
            presences=self.presences,
            outbox=Outbox(self.redis),
            watchdog=Watchdog(self.redis),
            agency=replace(self.agency, desk=rules),
            forecasts=Forecasts(self.agency, self.hours, self.waits, self.presences),
            waits=self.waits,
            pending_approvals=proposals_of(self.redis),
            restore=nothing,
            record_answers=yes,
            blocked=self.blocked,
        )

    async def attended(self, conversation: str = "c1", channel: Channel = Channel.WEB) -> str:
        message = CitizenMessage(conversation, channel, "m1", "persona", at=0)
        await self.inbox.accept(message)
        handoff = Handoff(HandoffReason.ASKED_HUMAN, team="obras")
        await self.inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)
        ticket = (await self.tickets.waiting())[0].id
        await self.presences.heartbeat(ANA.id, ANA.name, Skills())
        await self.tickets.claim(ticket, ANA, Reply("te atiende Ana"))
        return ticket

    async def said(self, conversation: str = "c1") -> str:
        return (await self.inbox.events(conversation))[-1].text


class AlwaysOpen(ServiceHours):
    """Opening hours of an agency that opened five hours ago, whatever the time, unless ``is_closed`` is set."""

    is_closed = False

    def of(self, team: str) -> OpeningHours:
        hours = super().of(team)
        hours.open_since = lambda now: None if self.is_closed else now - timedelta(hours=5)  # type: ignore[method-assign]
        return hours


async def nothing() -> None:
    """Replaces the restore from the record and does nothing."""


async def yes() -> bool:
    """Replaces the check that PostgreSQL answers."""
    return True
