"""One browser's live events: what changes in the line and what is said in conversations that have a ticket.

Called by ``api`` for ``/desk/api/events``. Begins with ``ready``; after it, or after any reconnection, the page loads
the list again, so a lost event is never missed. ``ticket`` carries the ticket as it is now (null: gone), ``message`` a
line of a transcript, ``approval`` that an answer begins to wait for somebody's OK or waits no more, ``typing`` and
``read`` what the citizen does meanwhile, ``problems`` the FAQ files' errors when they change, ``signed_out`` the end.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Any, Protocol

from sse_starlette import ServerSentEvent

from bot.conversation.live import Live
from bot.core.event_facts import ApprovalAsked, ApprovalDecision
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.desk.auth.sessions import SignedIn, StaffSessions
from bot.desk.auth.unavailable import STORE_ERRORS
from bot.desk.views.tickets import ProblemView, Views, problem_views
from bot.faq.entries.problem import Problem
from bot.handoff.service import Agent, Desk, Waiting

TICK_S = 1.0
SESSION_CHECK_EVERY_S = 15.0
SHARED = 256
"""Of so many events the ticket is kept, for browsers that are told a moment later."""


class FaqProblems(Protocol):
    """What tells the desk which FAQ files are broken now; ``bot.faq.publishing.watch.LiveFaq`` does."""

    @property
    def problems(self) -> tuple[Problem, ...]: ...


class DeskStream:
    """Makes the stream of each connection."""

    def __init__(
        self, *, desk: Desk, live: Live, views: Views, browsers: StaffSessions, faq_problems: FaqProblems
    ) -> None:
        self._desk = desk
        self._live = live
        self._views = views
        self._browsers = browsers
        self._faq_problems = faq_problems
        self._shared: OrderedDict[str, asyncio.Task[Waiting | None]] = OrderedDict()

    async def frames(self, signed_in: SignedIn, agent: Agent) -> AsyncIterator[ServerSentEvent]:
        """Runs until the browser leaves, the session ends, or the browser falls too far behind."""
        async with self._live.subscribe(None, signals=True) as events:
            watched = await self._desk.open_conversations()
            yield frame("ready", {})
            problems: list[ProblemView] | None = None
            checked_at = time.monotonic()
            async for event in with_ticks(events.__aiter__()):
                if event is not None:
                    for made in await self._frames_of(event, watched, agent):
                        yield made
                now = problem_views(self._faq_problems.problems)
                if now != problems:
                    problems = now
                    yield frame("problems", [one.to_data() for one in now])
                if time.monotonic() - checked_at > SESSION_CHECK_EVERY_S:
                    checked_at = time.monotonic()
                    last = await self._last_frames(signed_in)
                    if last is not None:
                        for made in last:
                            yield made
                        return

    async def _last_frames(self, signed_in: SignedIn) -> list[ServerSentEvent] | None:
        """With what the connection ends; None while it goes on. After an end without words the page connects again:
        it is told that the record is away, or reads what is theirs now that their account was changed."""
        try:
            known = await self._browsers.find_by_hash(signed_in.token_hash)
        except STORE_ERRORS:
            return []
        if known is None:
            return [frame("signed_out", {})]
        return None if known.staff == signed_in.staff else []

    async def _frames_of(self, event: Event, watched: dict[str, str], agent: Agent) -> list[ServerSentEvent]:
        if not event.id:
            return _signalled(event, watched)
        if isinstance(event.facts, ApprovalAsked | ApprovalDecision):
            return [_approval(event.facts)] if agent.serves(event.facts.team) else []
        if event.ticket:
            watched[event.conversation] = event.ticket.ticket
        if event.conversation not in watched:
            return []
        ticket = watched[event.conversation]
        now = await self._after(event, ticket)
        if not is_shown(event, now, agent):
            return [_moved_away(event, ticket)] if event.meaning.changes_hands else []
        message = {"ticket": ticket, "conversation": event.conversation, "event": self._views.event(event).to_data()}
        made = [frame("message", message)]
        if not event.meaning.changes_row:
            return made
        if event.meaning.ends_ticket:
            del watched[event.conversation]
        shown = self._views.ticket(now, agent).to_data() if now else None
        return [*made, frame("ticket", _change(event, ticket) | {"ticket": shown})]

    async def _after(self, event: Event, ticket: str) -> Waiting | None:
        """The ticket as it is after the event, read once for all the browsers that are told of it."""
        key = f"{event.conversation}/{event.id}"
        if key not in self._shared:
            self._shared[key] = asyncio.create_task(self._desk.ticket(ticket))
            while len(self._shared) > SHARED:
                self._shared.popitem(last=False)
        return await asyncio.shield(self._shared[key])


def is_shown(event: Event, now: Waiting | None, agent: Agent) -> bool:
    """Whether the agent may be told. Of a ticket that ended meanwhile (None) nothing tells whose it was: then only its
    changes are, never words, unless the agent serves all teams."""
    if now is not None:
        return agent.sees(now.ticket)
    return not agent.teams or event.meaning.is_of_ticket


def _change(event: Event, ticket: str) -> dict[str, Any]:
    by, why = (event.ticket.owner_name, event.ticket.why) if event.ticket else ("", "")
    return {"id": ticket, "change": event.kind.value, "by": by, "why": why}


def _moved_away(event: Event, ticket: str) -> ServerSentEvent:
    """The ticket is another team's or person's now: this browser shows it no longer."""
    return frame("ticket", _change(event, ticket) | {"change": EventKind.TICKET_RETURNED.value, "ticket": None})


def _approval(facts: ApprovalAsked | ApprovalDecision) -> ServerSentEvent:
    """What waits is read again by whoever may decide; ``decision`` is '' while nobody has."""
    decision, by = (facts.why, facts.owner_name) if isinstance(facts, ApprovalDecision) else ("", "")
    return frame("proposal", {"id": facts.proposal, "decision": decision, "by": by})


def _signalled(event: Event, watched: dict[str, str]) -> list[ServerSentEvent]:
    """That the citizen of a watched conversation types or has read."""
    if event.author is not Author.CITIZEN or event.conversation not in watched:
        return []
    return [frame(event.kind, {"ticket": watched[event.conversation]} | event.facts.to_data())]


async def with_ticks(events: AsyncIterator[Event]) -> AsyncIterator[Event | None]:
    """The events, and None at least every second in between; ends with them."""
    upcoming = asyncio.ensure_future(anext(events, StopAsyncIteration))
    try:
        while True:
            done, _ = await asyncio.wait({upcoming}, timeout=TICK_S)
            if not done:
                yield None
                continue
            event = upcoming.result()
            if not isinstance(event, Event):
                return
            upcoming = asyncio.ensure_future(anext(events, StopAsyncIteration))
            yield event
    finally:
        upcoming.cancel()


def frame(name: str, data: object) -> ServerSentEvent:
    return ServerSentEvent(data=json.dumps(data, ensure_ascii=False), event=name)
