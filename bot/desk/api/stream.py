"""Streams live events to a desk's browser, such as changes to the queue and messages in conversations with a ticket.

Each connection begins with the event ``ready``, on which the page reloads its list, so that no change is lost. A
``ping`` only tells the page that its connection works. bot/desk/shapes.py (LiveEvents) describes the other events.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sse_starlette import ServerSentEvent

from bot.conversation.live import Live
from bot.core.event_facts import (
    ApprovalAsked,
    ApprovalDecision,
    ComplaintFacts,
    NoteFacts,
)
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.core.signal_facts import AccountSignal, LookingSignal
from bot.desk.auth.sessions import SignedIn, StaffSessions
from bot.desk.auth.unavailable import STORE_ERRORS
from bot.desk.shapes import FaqProblem
from bot.desk.views.notices import notice_view
from bot.desk.views.tickets import Views, problem_views
from bot.faq.entries.problem import Problem
from bot.handoff.agent import Agent
from bot.handoff.listing import Waiting
from bot.handoff.service import Desk
from bot.tickets.staff_notices import StaffNotices
from bot.tickets.ticket import Ticket

TICK_S = 1.0
SESSION_CHECK_EVERY_S = 15.0
SHARED = 256  # number of events whose ticket is cached, so that each ticket is read once for all streams


class FaqProblems(Protocol):
    """Provides the current errors of FAQ files; ``bot.faq.publishing.watch.LiveFaq`` implements this protocol."""

    @property
    def problems(self) -> tuple[Problem, ...]: ...


@dataclass(frozen=True)
class Watched:
    """An open ticket, its team, and its owner's id ('' if there is no owner)."""

    ticket: str
    team: str
    owner: str = ""

    @classmethod
    def of(cls, ticket: Ticket) -> Watched:
        return cls(ticket.id, ticket.team, ticket.owner.id if ticket.owner else "")

    def seen_by(self, agent: Agent) -> bool:
        return agent.id == self.owner or agent.serves(self.team)


class WatchedTickets:
    """The open tickets of each conversation: the current one, and perhaps a call-back that the citizen asked for."""

    def __init__(self) -> None:
        self._tickets: dict[str, dict[str, Watched]] = {}  # by conversation and ticket; the current ticket is the last

    def put(self, conversation: str, one: Watched, *, is_current: bool) -> None:
        """Adds or replaces a ticket; one that is already watched remains the current one or not."""
        others, new = self._tickets.get(conversation, {}), {one.ticket: one}
        self._tickets[conversation] = others | new if is_current or one.ticket in others else new | others

    def of(self, event: Event) -> Watched | None:
        """Returns the ticket of the event; for an event of none, such as a message, the current ticket."""
        tickets = self._tickets.get(event.conversation, {})
        return tickets.get(event.of_ticket) if event.of_ticket else next(reversed(tickets.values()), None)

    def drop(self, conversation: str, ticket: str) -> None:
        tickets = self._tickets.get(conversation, {})
        tickets.pop(ticket, None)
        if not tickets:
            self._tickets.pop(conversation, None)


class DeskStream:
    """Creates the event stream of each connection; the streams share their reads of tickets."""

    def __init__(
        self,
        *,
        desk: Desk,
        live: Live,
        views: Views,
        browsers: StaffSessions,
        faq_problems: FaqProblems,
        notices: StaffNotices,
    ) -> None:
        self._notices = notices
        self._desk = desk
        self._live = live
        self._views = views
        self._browsers = browsers
        self._faq_problems = faq_problems
        self._shared: OrderedDict[str, asyncio.Task[Waiting | None]] = OrderedDict()

    async def frames(self, signed_in: SignedIn, agent: Agent) -> AsyncIterator[ServerSentEvent]:
        """Yields frames until the browser disconnects or falls too far behind, or the session ends.

        Also ends if the account has changed or the session's store is unreachable; the page then reconnects. Checks
        the session when the account's change is signalled, and every SESSION_CHECK_EVERY_S.
        """
        async with self._live.subscribe(None, signals=True) as events:
            watched = await self._watched()
            yield frame("ready", {})
            yield await self._notices_of(agent)
            problems: list[FaqProblem] | None = None
            checked_at = time.monotonic()
            async for event in with_ticks(events.__aiter__()):
                if event is not None:
                    for made in await self._frames_of(event, watched, agent):
                        yield made
                now = problem_views(self._faq_problems.problems)
                if now != problems:
                    problems = now
                    yield frame("problems", [one.to_data() for one in now])
                if _is_own(event, agent) or time.monotonic() - checked_at > SESSION_CHECK_EVERY_S:
                    checked_at = time.monotonic()
                    last = await self._last_frames(signed_in)
                    if last is not None:
                        for made in last:
                            yield made
                        return

    async def _watched(self) -> WatchedTickets:
        watched = WatchedTickets()
        for conversation, teams in (await self._desk.waiting_conversations()).items():
            for ticket, team in teams.items():
                watched.put(conversation, Watched(ticket, team), is_current=True)
        for one in await self._desk.attended_tickets():
            watched.put(one.conversation, Watched.of(one), is_current=not one.by_phone)
        return watched

    async def _last_frames(self, signed_in: SignedIn) -> list[ServerSentEvent] | None:
        """Returns the frames that end the connection, or None to continue it.

        An empty list makes the page reconnect: its new request then fails with 503, or uses the changed account or
        the session's new token.
        """
        try:
            known = await self._browsers.find_again(signed_in)
        except STORE_ERRORS:
            return []
        if known is None:
            return [frame("signed_out", {})]
        same = (known.staff, known.token_hash) == (signed_in.staff, signed_in.token_hash)
        return None if same else []

    async def _frames_of(self, event: Event, watched: WatchedTickets, agent: Agent) -> list[ServerSentEvent]:
        if event.kind is EventKind.STAFF_NOTIFIED:
            return [await self._notices_of(agent)]
        if not event.id:
            return _signalled(event, watched, agent)
        if isinstance(event.facts, ApprovalAsked | ApprovalDecision):
            return [_approval(event.facts)] if agent.serves(event.facts.team) else []
        filed = _complaint(event, agent)
        before = watched.of(event)
        if event.ticket:
            now = Watched(event.ticket.ticket, event.ticket.team, event.ticket.owner_id)
            watched.put(event.conversation, now, is_current=event.kind is EventKind.TICKET_OPENED)
        known = watched.of(event)
        if known is None:
            return filed
        if event.meaning.ends_ticket:
            watched.drop(event.conversation, known.ticket)
        notice_frames = [await self._notices_of(agent)] if _concerns(event, before, agent) else []
        left = [_moved_away(event, before.ticket)] if before and before.seen_by(agent) else []
        return [*(await self._row_frames(event, known, agent) or left), *notice_frames, *filed]

    async def _row_frames(self, event: Event, known: Watched, agent: Agent) -> list[ServerSentEvent]:
        """Builds the frames of an event of a ticket; [] if the agent may not see the ticket now."""
        ticket, now = known.ticket, await self._after(event, known.ticket)
        if not (agent.sees(now.ticket) if now else known.seen_by(agent)):
            return []
        if now and now.ticket.by_phone and not (event.of_ticket or event.kind is EventKind.MESSAGE_REMOVED):
            return []  # the citizen talks to the assistant meanwhile
        message = {"ticket": ticket, "conversation": event.conversation, "event": self._views.event(event).to_data()}
        made = [frame("message", message)]
        if not event.changes_row:
            return made
        shown = self._views.ticket(now, agent).to_data() if now else None
        return [*made, frame("ticket", _change(event, ticket) | {"ticket": shown})]

    async def _notices_of(self, agent: Agent) -> ServerSentEvent:
        """Builds the frame of the agent's notices, without the notes of tickets that the agent may not see now."""
        notices = await self._notices.of(agent.id)
        seen = await self._desk.seen({one.ticket for one in notices if one.ticket}, agent)
        shown = [replace(one, text="" if one.ticket and one.ticket not in seen else one.text) for one in notices]
        return frame("notices", [notice_view(one).to_data() for one in shown])

    async def _after(self, event: Event, ticket: str) -> Waiting | None:
        """Returns the state of a ticket after ``event``, None if it is closed; one read serves all streams."""
        key = f"{ticket}/{event.conversation}/{event.id}"
        if key not in self._shared:
            self._shared[key] = asyncio.create_task(self._desk.ticket(ticket))
            while len(self._shared) > SHARED:
                self._shared.popitem(last=False)
        return await asyncio.shield(self._shared[key])


def _change(event: Event, ticket: str) -> dict[str, Any]:
    by, why = (event.ticket.owner_name, event.ticket.why) if event.ticket else ("", "")
    return {"id": ticket, "change": event.kind.value, "by": by, "why": why}


def _moved_away(event: Event, ticket: str) -> ServerSentEvent:
    """Builds the frame that removes a ticket that now belongs to another team or agent."""
    return frame("ticket", _change(event, ticket) | {"change": EventKind.TICKET_RETURNED.value, "ticket": None})


def _approval(facts: ApprovalAsked | ApprovalDecision) -> ServerSentEvent:
    """Builds the frame that makes pages reload the pending approvals; ``decision`` is '' for a new approval."""
    decision, by = (facts.why, facts.owner_name) if isinstance(facts, ApprovalDecision) else ("", "")
    return frame("proposal", {"id": facts.proposal, "decision": decision, "by": by})


def _complaint(event: Event, agent: Agent) -> list[ServerSentEvent]:
    """Builds the frame that announces a new complaint; [] for other events or if the agent does not serve its team."""
    if not isinstance(event.facts, ComplaintFacts) or not agent.serves(event.facts.team):
        return []
    return [frame("complaint", {"number": event.facts.number})]


def _signalled(event: Event, watched: WatchedTickets, agent: Agent) -> list[ServerSentEvent]:
    """Builds the frame of a signal from the citizen or another agent; [] if this agent may not see the ticket."""
    ticket = watched.of(event)
    if ticket is None or not ticket.seen_by(agent):
        return []
    if isinstance(event.facts, LookingSignal):
        return (
            []
            if event.facts.staff == agent.id
            else [frame("looking", {"ticket": ticket.ticket, "name": event.facts.name})]
        )
    if event.author is not Author.CITIZEN:
        return []
    return [frame(event.kind, {"ticket": ticket.ticket} | event.facts.to_data())]


def _concerns(event: Event, before: Watched | None, agent: Agent) -> bool:
    """Returns whether an event may have left a notice for the agent."""
    if isinstance(event.facts, NoteFacts):
        return agent.id in event.facts.named
    if not event.ticket or event.meaning.ends_ticket:
        return False
    return agent.id in {event.ticket.owner_id, event.ticket.by, before.owner if before else ""}


def _is_own(event: Event | None, agent: Agent) -> bool:
    """Returns whether an event signals a change of the agent's own account."""
    return event is not None and isinstance(event.facts, AccountSignal) and event.facts.staff == agent.id


async def with_ticks(events: AsyncIterator[Event]) -> AsyncIterator[Event | None]:
    """Yields the events until they end, and None whenever TICK_S seconds pass without an event."""
    next_event = asyncio.ensure_future(anext(events, StopAsyncIteration))
    try:
        while True:
            done, _ = await asyncio.wait({next_event}, timeout=TICK_S)
            if not done:
                yield None
                continue
            event = next_event.result()
            if not isinstance(event, Event):
                return
            next_event = asyncio.ensure_future(anext(events, StopAsyncIteration))
            yield event
    finally:
        next_event.cancel()


def frame(name: str, data: object) -> ServerSentEvent:
    return ServerSentEvent(data=json.dumps(data, ensure_ascii=False), event=name)


def ping() -> ServerSentEvent:
    """Builds the event that keeps a connection open; not a comment, since browsers hide comments from scripts."""
    return frame("ping", {})
