"""Searches, serves and reopens recorded conversations.

Each of these actions is recorded in the audit log, but not the words searched for. An account may do only so many of
them per hour: enough for a person, but too few for a program that would copy the record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field
from redis.exceptions import RedisError

from bot.agency.model import Agency
from bot.conversation.readable import readable
from bot.core.channels import name_of
from bot.core.disk import Disk
from bot.core.logs import log
from bot.core.texts import say
from bot.desk.api.tickets import NO_STORE, agent_of
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.sessions import SignedIn
from bot.desk.auth.unavailable import require_room
from bot.desk.queries.closings import outcome_words
from bot.desk.queries.colleagues import Colleagues
from bot.desk.queries.search import MARKS, Filters, Found, Past, PastTicket, Search
from bot.desk.views.nickname import nickname_of
from bot.desk.views.transcript import event_view
from bot.handoff.agent import Agent
from bot.handoff.notices import team_name
from bot.handoff.queue import Queue
from bot.metrics.measures import Refusal, count_refusal

MIN_CHARACTERS = 3
MAX_FILTER = 80
Filter = Annotated[str, Field(max_length=MAX_FILTER)]
MAX_CHARACTERS = 100
ConversationId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]

HOUR_S = 3600
RECORDED_WITHIN_S, LOOK_EVERY_S = 2.0, 0.1  # how long and how often a request looks for a closing in the record
Allow = Callable[[str, int, int], Awaitable[bool]]  # name, limit, seconds -> whether one more use is within the limit


class Reading(StrEnum):
    """The actions on the record that are limited per account and hour."""

    SEARCH = "search"
    CONVERSATION = "conversation"
    FILE = "file"
    EXPORT = "export"
    ERASURE = "erasure"


# Files are those of Telegram and WhatsApp that are opened from the record, not as thumbnails.
MOST_AN_HOUR = {
    Reading.SEARCH: 300,
    Reading.CONVERSATION: 150,
    Reading.FILE: 600,
    Reading.EXPORT: 30,
    Reading.ERASURE: 30,
}


class ReadingLimits:
    """Limits how often each account, over all its sessions, reads the record; ``allow`` is Inbox.allow."""

    def __init__(self, allow: Allow) -> None:
        self._allow = allow

    async def count(self, signed_in: SignedIn, what: Reading) -> None:
        """Counts an action. Above MOST_AN_HOUR, raises Refused (429), logs the refusal and counts it in the metrics.

        While Redis is unavailable, actions are allowed without being counted, since the record is in PostgreSQL.
        """
        try:
            if await self._allow(f"reads:{what}:{signed_in.staff.id}", MOST_AN_HOUR[what], HOUR_S):
                return
        except RedisError as error:
            log.warning("desk: reading not counted", what=what, error=type(error).__name__)
            return
        log.warning("desk: too much read", what=what, staff=str(signed_in.staff.id))
        count_refusal(Refusal.READINGS)
        raise Refused(429, "many", say("mesa.errores.muchas_lecturas"))


class SearchIn(BaseModel):
    """What to search: words, and filters.

    ``since`` and ``until`` are days in the agency's time zone, both included. They limit the times of the messages
    found or, without words, the times at which tickets were closed.
    """

    words: Annotated[str, Field(min_length=MIN_CHARACTERS, max_length=MAX_CHARACTERS)] | None = None
    since: date | None = None
    until: date | None = None
    team: Filter = ""
    agent: Filter = ""
    channel: Filter = ""
    outcome: Filter = ""


class SearchApi:
    """The handlers of the search, its filter of agents, and recorded conversations."""

    def __init__(
        self,
        *,
        guard: Guard,
        search: Search,
        audit: AuditLog,
        disk: Disk,
        agency: Agency,
        queue: Queue,
        colleagues: Colleagues,
        limits: ReadingLimits,
    ) -> None:
        self._guard = guard
        self._search = search
        self._audit = audit
        self._disk = disk
        self._agency = agency
        self._zone = ZoneInfo(agency.timezone)
        self._queue = queue
        self._colleagues = colleagues
        self._limits = limits

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/desk/api/search", self.find, methods=["POST"])  # no words in an address
        router.add_api_route("/desk/api/search/agents", self.agents, methods=["GET"])
        router.add_api_route("/desk/api/conversations/{conversation}", self.past, methods=["GET"])
        router.add_api_route("/desk/api/conversations/{conversation}/reopen", self.reopen, methods=["POST"])

    async def find(self, request: Request, response: Response, asked: SearchIn) -> dict[str, Any]:
        """Returns ``{found}``, a list of shapes.FoundConversation, newest first.

        Returns at most FOUND results. Without words, returns the tickets closed within the days. Raises Refused while
        the disk is too full, or after too many searches, and for a request of another site's page.
        """
        self._guard.check_origin(request)
        since, until = asked.since, asked.until
        signed_in = await self._guard.reading(request)
        response.headers.update(NO_STORE)
        require_room(self._disk)
        await self._limits.count(signed_in, Reading.SEARCH)
        times = {"since": self._start(since)} if since else {}
        times |= {"until": self._start(until + timedelta(days=1))} if until and until < date.max else {}
        filters = Filters(team=asked.team, agent=asked.agent, channel=asked.channel, outcome=asked.outcome, **times)
        found = await self._search.find(readable(asked.words or ""), agent_of(signed_in), filters)
        await self._audit.record(Action.CONVERSATIONS_SEARCHED, staff_id=signed_in.staff.id, found=len(found))
        return {"found": [self._view(one) for one in found]}

    async def agents(self, request: Request, response: Response) -> dict[str, Any]:
        """Returns ``{colleagues: [{id, name}]}``: the desk's accounts, for filtering a search."""
        await self._guard.reading(request)
        response.headers.update(NO_STORE)
        return {"colleagues": [{"id": str(one.id), "name": one.name} for one in await self._colleagues.everybody()]}

    async def past(self, request: Request, response: Response, conversation: ConversationId) -> dict[str, Any]:
        """Returns the episodes of a conversation that this agent may read, as shapes.PastConversation.

        Raises Refused if there are none, if the conversation's data is blocked, or above the account's hourly limit.
        """
        signed_in = await self._guard.reading(request)
        response.headers.update(NO_STORE)
        await self._limits.count(signed_in, Reading.CONVERSATION)
        past = await self._search.past(conversation, agent_of(signed_in))
        if past is None:
            raise Refused(404, "unknown", say("mesa.errores.conversacion_desconocida"))
        await self._audit.record(Action.TRANSCRIPT_VIEWED, staff_id=signed_in.staff.id, conversation=conversation)
        closed = past.closed
        return {
            "channel_words": name_of(past.channel),
            "nickname": nickname_of(conversation),
            "ticket": past.ticket,
            "closed": closed.id if closed else "",
            "closed_words": self._closed_words(closed) if closed else "",
            "events": [event_view(event, maps=self._agency.map_template).to_data() for event in past.events],
        }

    async def reopen(self, request: Request, conversation: ConversationId) -> dict[str, Any]:
        """Opens a ticket for this agent, with the team and summary of the last closed ticket, and notifies the citizen.

        Returns ``{ticket}``, the new ticket's id. Raises Refused if the agent may not see the closed ticket, if
        another ticket is open, or if the closing is not recorded yet.
        """
        signed_in = await self._guard.change(request)
        agent = agent_of(signed_in)
        past = await self._recorded(conversation, agent)
        if past is None or past.closed is None:
            raise Refused(409, "open", say("mesa.errores.no_se_reabre"))
        ticket = await self._queue.reopen(conversation, agent, past.closed.team, past.closed.summary)
        if not ticket:
            raise Refused(409, "open", say("mesa.errores.no_se_reabre"))
        await self._audit.record(
            Action.TICKET_REOPENED, staff_id=signed_in.staff.id, subject=ticket, conversation=conversation
        )
        return {"ticket": ticket}

    async def _recorded(self, conversation: str, agent: Agent) -> Past | None:
        """Returns the conversation once the closing of its last ticket is recorded, which follows in a moment.

        Raises Refused if it is not recorded within RECORDED_WITHIN_S.
        """
        now = asyncio.get_running_loop().time
        deadline = now() + RECORDED_WITHIN_S
        while (past := await self._search.past(conversation, agent)) and past.ticket:
            if await self._queue.is_open(past.ticket):
                break
            if now() >= deadline:
                raise Refused(409, "saving", say("mesa.errores.se_guarda"))
            await asyncio.sleep(LOOK_EVERY_S)
        return past

    def _start(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone)

    def _view(self, found: Found) -> dict[str, Any]:
        return {
            "conversation": found.conversation,
            "event": found.event,
            "channel": found.channel,
            "channel_words": name_of(found.channel),
            "nickname": nickname_of(found.conversation),
            "ticket": found.ticket,
            "team_words": team_name(self._agency, found.team) if found.team else "",
            "agent": found.owner,
            "outcome_words": outcome_words(found.outcome),
            "open": bool(found.ticket) and found.state != "closed",
            "at": int(found.at.timestamp() * 1000),
            "author": found.author,
            "pieces": pieces(found.snippet),
        }

    def _closed_words(self, closed: PastTicket) -> str:
        day = f"{closed.closed_at.astimezone(self._zone):%d-%m-%Y %H:%M}" if closed.closed_at else ""
        team = team_name(self._agency, closed.team)
        return " · ".join(filter(None, [outcome_words(closed.outcome), closed.owner, team, day]))


def pieces(snippet: str) -> list[dict[str, Any]]:
    """Splits a snippet into ``[{text, hit}]``; ``hit`` is true for the words that matched the search."""
    begin, end = MARKS
    made: list[dict[str, Any]] = []
    for number, part in enumerate(snippet.replace(end, begin).split(begin)):
        if part:
            made.append({"text": part, "hit": number % 2 == 1})
    return made
