"""Looks every few seconds for tickets that nobody sees to: their agent vanished or does not answer, their time came,
nobody was given them. And for answers that nobody approved in time: they go out.

Run by the app in every bot; one at a time looks (a lease). Each ticket is changed by a script that looks again, so
whoever answered a moment ago keeps it.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import datetime
from zoneinfo import ZoneInfo

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.agency import Agency
from bot.conversation.mailbox import ConversationState, Mailbox, Refill
from bot.conversation.moves import Moves, Why
from bot.conversation.outbox import Outbox
from bot.conversation.presence import Presences
from bot.conversation.proposals import Proposals
from bot.conversation.tickets import NO_ANSWER, Ticket, Tickets
from bot.conversation.waits import Waits
from bot.conversation.window import last_call_at
from bot.handoff.estimate import changed_much
from bot.handoff.hours import Attention
from bot.handoff.notices import (
    back_in_line_notice,
    changed_wait_notice,
    given_notice,
    no_answer_notice,
    team_names,
)
from bot.logs import log
from bot.messages import Channel

EVERY_S = 2.0
LEASE = "desk-sweeper"
LEASE_S = 10.0
TELL_EVERY_S = 30.0
PHONE_LEASE_MS = 3600 * 1000


class Sweeper:
    """``run()`` sweeps until cancelled."""

    def __init__(
        self,
        *,
        tickets: Tickets,
        moves: Moves,
        presences: Presences,
        mailbox: Mailbox,
        outbox: Outbox,
        agency: Agency,
        attention: Attention,
        waits: Waits,
        proposals: Proposals,
        refill: Refill,
    ) -> None:
        self._tickets = tickets
        self._moves = moves
        self._presences = presences
        self._mailbox = mailbox
        self._outbox = outbox
        self._agency = agency
        self._attention = attention
        self._waits = waits
        self._proposals = proposals
        self._refill = refill
        self._refilled = False
        self._told_at = 0.0
        self._name = secrets.token_hex(6)
        self._listening_since = time.monotonic()

    async def run(self) -> None:
        while True:
            try:
                if await self._leads():
                    await self.send_unapproved()
                await self._look_at_the_store()
                if await self._leads():
                    await self.sweep()
            except (RedisError, SQLAlchemyError, OSError) as error:
                log.warning("sweeper waits", error=type(error).__name__)
                self._listening_since = time.monotonic()
            await asyncio.sleep(EVERY_S)

    async def _leads(self) -> bool:
        return await self._outbox.lease(LEASE, self._name, LEASE_S)

    async def send_unapproved(self) -> None:
        """Sends the answers that nobody decided on in time. Needs no record, so it does not wait for PostgreSQL."""
        for proposal in await self._proposals.due(int(time.time() * 1000)):
            if await self._proposals.expire(proposal):
                log.info("answer sent without a person's approval", proposal=proposal.id)

    async def _look_at_the_store(self) -> None:
        """On start, and whenever Redis turns out to be empty: what the record has open goes on."""
        if self._refilled and await self._tickets.filled():
            return
        self._listening_since = time.monotonic()
        await self._tickets.start()
        log.info("open tickets brought back", count=await self._refill())
        self._refilled = True

    async def sweep(self) -> None:
        """Once."""
        if time.monotonic() - self._listening_since > self._agency.desk.lease_s:
            await self._take_back()
        snoozed, callbacks = await self._tickets.overdue(int(time.time() * 1000))
        for ticket in snoozed:
            await self._give_up(ticket)
        for ticket in callbacks:
            await self._moves.fall_due(ticket)
        if self._agency.desk.assigns:
            await self._give_out()
        if time.monotonic() - self._told_at > TELL_EVERY_S:
            self._told_at = time.monotonic()
            await self.tell_waits()

    async def _take_back(self) -> None:
        """Only once heartbeats could have reached us for as long as a lease lasts: after a restart all seem gone."""
        here = {agent.id for agent in await self._presences.everybody()}
        patience_ms = self._agency.desk.answer_s * 1000
        vanished, silent = (back_in_line_notice(self._agency, why) for why in (Why.VANISHED, Why.SILENT))
        for ticket in await self._tickets.claimed():
            if on_the_phone(ticket) or (_owner(ticket) in here and not _overdue(ticket, patience_ms)):
                continue
            why = await self._moves.take_back(ticket.id, patience_ms, vanished, silent)
            if why:
                log.info("ticket taken back", ticket=ticket.id, why=why, staff=_owner(ticket))

    async def tell_waits(self) -> None:
        """Tells who waits when the usual wait is no longer what they were told; only while their team attends."""
        now = datetime.now(ZoneInfo(self._agency.timezone))
        usual: dict[str, int | None] = {}
        for ticket in await self._tickets.waiting():
            if ticket.by_phone:
                continue
            if ticket.team not in usual:
                since = self._attention.of(ticket.team).open_since(now)
                usual[ticket.team] = await self._waits.median_ms(ticket.team, since) if since else None
            await self._tell_wait(ticket, usual[ticket.team])

    async def _tell_wait(self, ticket: Ticket, wait_ms: int | None) -> None:
        if wait_ms is None or (ticket.told_wait_ms and not changed_much(ticket.told_wait_ms, wait_ms)):
            return
        may_write = ticket.told_wait_ms and _may_write(await self._mailbox.state(ticket.conversation))
        await self._waits.tell(ticket.id, wait_ms, changed_wait_notice(self._agency, wait_ms) if may_write else None)

    async def _give_out(self) -> None:
        notice = given_notice(self._agency)
        while given := await self._tickets.give_out(notice, team_names(self._agency)):
            log.info("ticket given out", ticket=given[0], staff=given[1])

    async def _give_up(self, ticket_id: str) -> None:
        ticket = await self._tickets.get(ticket_id)
        if ticket is None:
            return
        state = await self._mailbox.state(ticket.conversation)
        told = no_answer_notice(self._agency) if _may_write(state) else None
        await self._moves.give_up_waiting(ticket_id, NO_ANSWER, told)


def on_the_phone(ticket: Ticket) -> bool:
    """Whoever calls somebody back need not have the desk open."""
    return ticket.by_phone and time.time() * 1000 - ticket.claimed_at < PHONE_LEASE_MS


def _may_write(state: ConversationState) -> bool:
    """Whether a silent citizen may be written to: they did not refuse it, and WhatsApp's window is open."""
    closed = state.channel is Channel.WHATSAPP and last_call_at(state.inbound_at) < time.time() * 1000
    return not (closed or state.notices_off)


def _owner(ticket: Ticket) -> str:
    return ticket.owner.id if ticket.owner else ""


def _overdue(ticket: Ticket, patience_ms: int) -> bool:
    return bool(patience_ms and ticket.unanswered_since and time.time() * 1000 - ticket.unanswered_since > patience_ms)
