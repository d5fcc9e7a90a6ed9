"""Sweeps tickets every EVERY_S seconds: reclaims, closes, enqueues and auto-assigns those that are due.

It also sends answers whose approval is overdue, notifies citizens of changed waits, and repairs queues. Every bot
process with a worker has a sweeper; a lease lets only one of them sweep at a time. Each change is a Lua script that
checks the ticket again, so an agent who has just answered keeps the ticket.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.agency.model import Agency
from bot.conversation.inbox import Restore
from bot.core.clock import now_ms
from bot.core.logs import log
from bot.core.messages import Handoff, HandoffReason, Priority, Reply
from bot.core.progress import Beat, no_beat
from bot.handoff.agent import BlockedAmong
from bot.handoff.forecast import Forecasts, Pace
from bot.handoff.notices import (
    assigned_notice,
    back_notice,
    changed_wait_notice,
    near_notice,
    no_answer_notice,
    team_names,
)
from bot.store.isolation import isolate_errors
from bot.store.streams import stopping
from bot.tickets.announced_wait import AnnouncedWait, Change, changed_much
from bot.tickets.approvals import NOBODY, PendingApproval, PendingApprovals, Replacement
from bot.tickets.outbox import Outbox
from bot.tickets.presence import Presences
from bot.tickets.ticket import Ticket
from bot.tickets.tickets import NO_ANSWER, Tickets
from bot.tickets.transitions import Transitions, Why
from bot.tickets.waits import Waits
from bot.tickets.watchdog import REPAIR_EVERY_S, Watchdog

EVERY_S = 2.0
LEASE = "desk-sweeper"
LEASE_S = 10.0
ANNOUNCE_EVERY_S = 30.0
PHONE_LEASE_MS = 3600 * 1000
NEAR_PLACE = 3


class Sweeper:
    """The sweeper task of one bot process; ``run()`` sweeps until cancelled."""

    def __init__(
        self,
        *,
        tickets: Tickets,
        transitions: Transitions,
        presences: Presences,
        outbox: Outbox,
        watchdog: Watchdog,
        agency: Agency,
        forecasts: Forecasts,
        waits: Waits,
        pending_approvals: PendingApprovals,
        restore: Restore,
        record_answers: Callable[[], Awaitable[bool]],
        blocked: BlockedAmong,
    ) -> None:
        self._tickets = tickets
        self._transitions = transitions
        self._presences = presences
        self._outbox = outbox
        self._watchdog = watchdog
        self._agency = agency
        self._forecasts = forecasts
        self._waits = waits
        self._pending_approvals = pending_approvals
        self._restore, self._record_answers, self._blocked = restore, record_answers, blocked
        self._restored = False
        self._notified_at = self._repaired_at = 0.0
        self._name = secrets.token_hex(6)
        self._listening_since = time.monotonic()

    async def run(self, beat: Beat = no_beat) -> None:
        while not stopping():
            beat()
            try:
                if leads := await self._leads():
                    await self.send_overdue_approvals()
                if await self._restore_tickets():  # which may have taken longer than the lease
                    leads = await self._leads()
                if leads:
                    await self.sweep()
            except (RedisError, SQLAlchemyError, OSError) as error:
                log.warning("sweeper: store unavailable, retrying", error=type(error).__name__)
                self._listening_since = time.monotonic()
            except Exception:
                log.exception("sweeper: failed")
            await asyncio.sleep(0 if stopping() else EVERY_S)

    async def _leads(self) -> bool:
        return await self._outbox.lease(LEASE, self._name, LEASE_S)

    async def send_overdue_approvals(self) -> None:
        """Sends the answers whose approval is overdue; works while PostgreSQL is unreachable."""
        for approval in await self._pending_approvals.due(now_ms()):
            async with isolate_errors(approval=approval.id):
                if not approval.is_readable:
                    log.error("sweeper: answer unreadable, handed off", approval=approval.id)
                    await self._pending_approvals.reject(approval, NOBODY, self._replacement(approval))
                elif await self._pending_approvals.expire(approval):
                    log.info("sweeper: answer sent without approval", approval=approval.id)

    def _replacement(self, approval: PendingApproval) -> Replacement:
        team = approval.team if approval.team in self._agency.teams else self._agency.default_team
        handoff = Handoff(HandoffReason.ASSISTANT_ERROR, Priority.HIGH, team)
        return Replacement(handoff, Reply(self._agency.say("error_asistente")))

    async def _restore_tickets(self) -> bool:
        """Restores open tickets from PostgreSQL at start and after a loss of Redis's data; returns whether it tried.

        While PostgreSQL is unreachable, raises an error only if Redis lacks tickets; else the sweep goes on, and the
        next sweep tries again.
        """
        filled = await self._tickets.filled()
        if self._restored and filled:
            return False
        if not filled:
            self._listening_since = time.monotonic()
        try:
            log.info("sweeper: open tickets restored", count=await self._restore())
        except (SQLAlchemyError, OSError) as error:
            if not filled:
                raise
            log.warning("sweeper: record unavailable, tickets not restored", error=type(error).__name__)
            return True
        self._restored = True
        return True

    async def sweep(self) -> None:
        """Runs the steps that are due once; an error in one step or ticket is logged and does not stop the others."""
        if await self._watchdog.jumped():
            log.warning("sweeper: the clock of redis jumped forward, waiting for heartbeats")
            self._listening_since = time.monotonic()
        for step in self._steps():
            async with isolate_errors(step=step.__name__):
                await step()

    def _steps(self) -> list[Callable[[], Awaitable[None]]]:
        """Returns the steps that are due in this sweep."""
        steps: list[Callable[[], Awaitable[None]]] = [self._reclaim, self._handle_overdue]
        if time.monotonic() - self._notified_at > ANNOUNCE_EVERY_S:
            self._notified_at = time.monotonic()
            steps += [self._find_teams, self._note_duty, self.announce_waits]
        if time.monotonic() - self._repaired_at > REPAIR_EVERY_S:
            self._repaired_at = time.monotonic()
            steps += [self._repair, self._watchdog.notify_delays]
        return [*steps, self._auto_assign] if self._agency.desk.assigns else steps

    async def _handle_overdue(self) -> None:
        """Ends snoozes that ran out, which closes most of their tickets, and enqueues call-backs that are due.

        Leaves the call-backs of conversations whose data is blocked until they are unblocked, and all of them while
        PostgreSQL, which knows who is blocked, is unreachable.
        """
        snoozed, callbacks = await self._tickets.overdue(now_ms())
        for ticket in snoozed:
            async with isolate_errors(ticket=ticket):
                await self._end_snooze(ticket)
        due = await self._tickets.several(callbacks)
        try:
            blocked = await self._blocked({one.conversation for one in due.values()}) if due else set()
        except (SQLAlchemyError, OSError) as error:
            log.warning("sweeper: record unavailable, call-backs not queued", error=type(error).__name__)
            return
        for ticket in (one for one in callbacks if one not in due or due[one].conversation not in blocked):
            async with isolate_errors(ticket=ticket):
                await self._transitions.enqueue_due_callback(ticket)

    async def _end_snooze(self, ticket: str) -> None:
        back = self._back_notice(await self._tickets.get(ticket), Why.SILENT)
        await self._transitions.close_abandoned(ticket, NO_ANSWER, no_answer_notice(self._agency), back)

    def _back_notice(self, ticket: Ticket | None, why: Why) -> Reply:
        return back_notice(self._agency, ticket, why, self._forecasts.service_hours)

    async def _reclaim(self) -> None:
        """Requeues tickets whose agents are absent or have not answered in time, unless they are on the phone.

        Every agent seems absent after a restart, a jump of the clock or an outage of PostgreSQL, which heartbeats need.
        Therefore requeues nothing until one lease time of heartbeats has passed.
        """
        claimed = await self._tickets.claimed()
        if not claimed:
            return
        if not await self._record_answers():
            self._listening_since = time.monotonic()
            return
        if time.monotonic() - self._listening_since <= self._agency.desk.lease_s:
            return
        agents = {agent.id for agent in await self._presences.everybody()}
        patience_ms = self._agency.desk.answer_s * 1000
        for ticket in claimed:
            if on_the_phone(ticket) or (_owner(ticket) in agents and not _overdue(ticket, patience_ms)):
                continue
            async with isolate_errors(ticket=ticket.id):
                vanished, silent = (self._back_notice(ticket, why) for why in (Why.VANISHED, Why.SILENT))
                if why := await self._transitions.reclaim(ticket.id, patience_ms, vanished, silent):
                    log.info("sweeper: ticket reclaimed", ticket=ticket.id, why=why, staff=_owner(ticket))

    async def _find_teams(self) -> None:
        """Moves tickets of teams that are no longer in agency.yml to the default team, so that agents see them."""
        for ticket in await self._tickets.of_other_teams(self._agency.teams):
            async with isolate_errors(ticket=ticket.id):
                if await self._transitions.change_team(ticket.id, ticket.team, self._agency.default_team):
                    log.info("sweeper: ticket moved to default team", ticket=ticket.id, team=ticket.team)

    async def _note_duty(self) -> None:
        """Records how many agents of each team are on duty, for the estimated wait."""
        for team in self._agency.teams:
            await self._waits.note_duty(team, await self._forecasts.agents_on_duty(team))

    async def announce_waits(self) -> None:
        """Notifies waiting citizens whose wait changed much or who asked to be notified once their turn is near.

        Omits emergencies and call-backs. Stores each first estimate without a notice. Outside the service hours, and
        while no agent of the team is on duty, nobody is notified; requests for a notice are kept.
        """
        now = self._agency.now()
        for team in await self._tickets.queues.teams():
            async with isolate_errors(team=team):
                pace = await self._forecasts.pace(team, now)
                if pace.agents:  # else outside the hours, or nobody on duty: no turn is near
                    await self._announce_to(team, pace, now)

    async def _announce_to(self, team: str, pace: Pace, now: datetime) -> None:
        for place, ticket in enumerate(await self._tickets.waiting([team]), 1):
            if ticket.by_phone or ticket.priority is Priority.EMERGENCY:
                continue
            async with isolate_errors(ticket=ticket.id):
                if ticket.notify_near and place <= NEAR_PLACE:
                    await self._waits.notify_near(ticket.id, near_notice(self._agency))
                await self._announce_wait(ticket, place, pace, now)

    async def _announce_wait(self, ticket: Ticket, place: int, pace: Pace, now: datetime) -> None:
        wait = pace.wait(place, now)
        if wait is None:
            return
        announced = AnnouncedWait(place, wait, int(now.timestamp() * 1000))
        if ticket.announced_wait is None:
            await self._waits.announce(ticket.id, announced)
        elif change := changed_much(ticket.announced_wait, announced):
            words = self._forecasts.words(ticket.team, wait, now)
            await self._waits.announce(
                ticket.id, announced, changed_wait_notice(self._agency, words, is_longer=change is Change.LONGER)
            )

    async def _repair(self) -> None:
        await self._watchdog.catch_up()
        await self._watchdog.repair()
        if damaged := await self._watchdog.put_aside():
            log.info("sweeper: open tickets restored", count=await self._restore())
            await self._watchdog.note_restored(damaged)

    async def _auto_assign(self) -> None:
        notice = assigned_notice(self._agency)
        while assigned := await self._tickets.auto_assign(notice, team_names(self._agency)):
            log.info("sweeper: ticket auto-assigned", ticket=assigned[0], staff=assigned[1])


def on_the_phone(ticket: Ticket) -> bool:
    """Returns whether the ticket is a call-back claimed less than PHONE_LEASE_MS ago: the agent may be on the phone."""
    return ticket.by_phone and now_ms() - ticket.claimed_at < PHONE_LEASE_MS


def _owner(ticket: Ticket) -> str:
    return ticket.owner.id if ticket.owner else ""


def _overdue(ticket: Ticket, patience_ms: int) -> bool:
    return bool(patience_ms and ticket.unanswered_since and now_ms() - ticket.unanswered_since > patience_ms)
