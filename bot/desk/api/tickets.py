"""Serves the desk's API for tickets: list, transcript, claim, reply, close, live events.

Also takes the signals that an agent types, has read a conversation, or is active on the page. Every refusal is
``{"detail": {"error", "message", ...}}`` with a message in Spanish that the page shows unchanged.
"""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, Field
from sse_starlette import EventSourceResponse

from bot.conversation.live import event_order
from bot.conversation.readable import readable
from bot.core.errors.tickets import CitizenStillWrites, TicketNotYours, TicketTaken
from bot.core.messages import Reply
from bot.core.texts import say
from bot.desk.api.answers import Answers
from bot.desk.api.single_flight import SingleFlight
from bot.desk.api.stream import DeskStream, FaqProblems, ping
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.sessions import SignedIn
from bot.desk.queries.closings import CloseIn, Closings
from bot.desk.queries.reach import Reach
from bot.desk.views.tickets import Views, compact, problem_views
from bot.handoff.agent import Agent
from bot.handoff.listing import Waiting, Wanted
from bot.handoff.service import Desk
from bot.tickets.ending import Ending
from bot.tickets.ticket import Ticket

MAX_REPLY_CHARACTERS = 4000
MAX_SHOWN_CHARACTERS = 300
SHOWN = 50  # waiting tickets in the list; the page asks for more in steps of this size
MAX_SHOWN = 2000
PING_EVERY_S = 15
NO_STORE = {"Cache-Control": "no-store"}
REPLY_ID = r"^[A-Za-z0-9-]{8,64}$"
EVENT_ID = r"^[0-9]{1,15}(-[0-9]{1,15})?$"
EventId = Annotated[str, Query(pattern=EVENT_ID)]


def readable_text(text: object) -> object:
    """Removes control characters and lone surrogates, which cannot be stored, from a request field."""
    return readable(text) if isinstance(text, str) else text


class ReplyIn(BaseModel):
    """The body of a reply by staff; the page chooses ``reply_id``, so that a retry does not send the reply twice.

    To send an entry with its source instead of ``text``, ``entry`` must be the entry's version.
    """

    reply_id: str = Field(pattern=REPLY_ID)
    text: Annotated[str, BeforeValidator(readable_text), Field(max_length=MAX_REPLY_CHARACTERS * 2)] = ""
    entry: str = Field(default="", pattern=r"^[0-9a-f]{0,64}$")


class ReadIn(BaseModel):
    """The body of a read receipt: the id of the newest event that the agent has read."""

    event_id: str = Field(pattern=EVENT_ID)


class DeskApi:
    """The handlers of tickets and live events."""

    def __init__(
        self,
        *,
        guard: Guard,
        desk: Desk,
        views: Views,
        stream: DeskStream,
        audit: AuditLog,
        faq_problems: FaqProblems,
        answers: Answers,
        closings: Closings,
        reach: Reach,
    ) -> None:
        self._guard = guard
        self._desk = desk
        self._views = views
        self._stream = stream
        self._audit = audit
        self._faq_problems = faq_problems
        self._answers = answers
        self._queues = SingleFlight(self._waiting)
        self._closings = closings
        self._reach = reach

    def add_to(self, router: APIRouter) -> None:
        tickets = "/desk/api/tickets"
        router.add_api_route(tickets, self.board, methods=["GET"], response_model=None)
        router.add_api_route(f"{tickets}/{{ticket_id}}", self.transcript, methods=["GET"])
        router.add_api_route(f"{tickets}/{{ticket_id}}/claim", self.claim, methods=["POST"])
        router.add_api_route(f"{tickets}/{{ticket_id}}/replies", self.reply, methods=["POST"])
        router.add_api_route(f"{tickets}/{{ticket_id}}/typing", self.typing, methods=["POST"], status_code=204)
        router.add_api_route(f"{tickets}/{{ticket_id}}/read", self.read, methods=["POST"], status_code=204)
        router.add_api_route(f"{tickets}/{{ticket_id}}/close", self.close, methods=["POST"])
        router.add_api_route("/desk/api/alive", self.alive, methods=["POST"])
        router.add_api_route("/desk/api/events", self.events, methods=["GET"], response_model=None)

    async def board(
        self,
        request: Request,
        shown: Annotated[int, Query(ge=1, le=MAX_SHOWN)] = SHOWN,
        team: str = "",
        channel: str = "",
        reason: str = "",
    ) -> Response:
        """Returns the ticket list, as shapes.Board; ``waiting`` has the first ``shown`` tickets that match the filters.

        Concurrent requests for the same page of the queue share one read. The list shows citizens' messages, so viewing
        it is recorded in the audit log, at most once every VIEW_COUNTS_FOR.
        """
        signed_in = await self._guard.reading(request)
        await self._audit.record_view(Action.LINE_VIEWED, staff_id=signed_in.staff.id)
        agent = agent_of(signed_in)
        queue = await self._queues(Wanted(agent.teams, team, channel, reason, shown))
        attended = await self._desk.attended(agent)
        board = {
            "staff": agent.id,
            "rights": signed_in.staff.rights,
            "csrf": signed_in.csrf_token,
            "now": int(time.time() * 1000),
            "problems": [one.to_data() for one in problem_views(self._faq_problems.problems)],
            "mine": [self._views.ticket(one, agent).to_data() for one in attended if one.owned_by(agent)],
            "others": [self._views.ticket(one, agent).to_data() for one in attended if not one.owned_by(agent)],
        }
        content = f"{{{queue},{compact(board)[1:]}"
        return Response(content, media_type="application/json", headers=NO_STORE)

    async def _waiting(self, wanted: Wanted) -> str:
        return self._views.queue(await self._desk.waiting(wanted))

    async def transcript(
        self, request: Request, response: Response, ticket_id: str, after: EventId = "0"
    ) -> dict[str, Any]:
        """Returns ``{ticket, events, read}`` with the events after the event id ``after``.

        ``read`` is the id of the newest event that the citizen has read. Viewing a transcript from the start is always
        recorded in the audit log; fetching later events, at most once every VIEW_COUNTS_FOR.
        """
        signed_in = await self._guard.reading(request)
        response.headers.update(NO_STORE)
        found = await self._found(ticket_id, agent_of(signed_in))
        if event_order(after)[0] < found.ticket.opened_at:
            await self._record(Action.TRANSCRIPT_VIEWED, signed_in, found.ticket)
        else:
            facts = {"subject": found.ticket.id, "conversation": found.ticket.conversation}
            await self._audit.record_view(Action.TRANSCRIPT_VIEWED, staff_id=signed_in.staff.id, **facts)
        readable = await self._reach.readable(found.ticket.conversation, agent_of(signed_in), found.ticket)
        events = readable.of(await self._desk.transcript(found.ticket.conversation, after))
        return {
            "ticket": self._views.ticket(found, agent_of(signed_in)).to_data(),
            "events": [self._views.event(event).to_data() for event in events],
            "read": await self._desk.read_by_citizen(found.ticket.conversation),
        }

    async def claim(self, request: Request, ticket_id: str) -> dict[str, Any]:
        """Claims the ticket; returns ``{ticket}``.

        The refusal 409 ``taken`` contains the name of the agent who claimed it first.
        """
        signed_in = await self._guard.change(request)
        try:
            ticket = await self._desk.claim(ticket_id, agent_of(signed_in))
        except TicketTaken as error:
            raise taken(str(error.facts.get("owner", ""))) from error
        await self._record(Action.TICKET_CLAIMED, signed_in, ticket)
        found = await self._found(ticket_id, agent_of(signed_in))
        return {"ticket": self._views.ticket(found, agent_of(signed_in)).to_data()}

    async def reply(self, request: Request, ticket_id: str, reply: ReplyIn) -> dict[str, Any]:
        """Sends a reply of the ticket's owner; returns the event's ``{id}``, the same for a repeated ``reply_id``."""
        signed_in = await self._guard.change(request)
        entry = self._entry(reply.entry) if reply.entry else None
        text, agent = entry.text if entry else checked_text(reply.text), agent_of(signed_in)
        try:
            event_id = await self._desk.reply(ticket_id, agent, text=text, reply_id=reply.reply_id, entry=entry)
        except TicketNotYours as error:
            raise not_yours() from error
        await self._audit.record(
            Action.TICKET_REPLIED, staff_id=signed_in.staff.id, subject=ticket_id, event=event_id, reply=reply.reply_id
        )
        return {"id": event_id}

    async def typing(self, request: Request, ticket_id: str) -> None:
        """Shows the citizen, if connected, that the ticket's owner is typing."""
        signed_in = await self._guard.change(request)
        try:
            await self._desk.typing(ticket_id, agent_of(signed_in))
        except TicketNotYours as error:
            raise not_yours() from error

    async def read(self, request: Request, ticket_id: str, seen: ReadIn) -> None:
        """Records that the ticket's owner has read the conversation up to an event."""
        signed_in = await self._guard.change(request)
        try:
            await self._desk.read(ticket_id, agent_of(signed_in), seen.event_id)
        except TicketNotYours as error:
            raise not_yours() from error

    async def close(self, request: Request, ticket_id: str, request_body: CloseIn | None = None) -> dict[str, Any]:
        """Closes the ticket with an outcome; returns ``{closed}``.

        The refusal 409 ``citizen_writes`` quotes the unanswered messages, up to MAX_SHOWN_CHARACTERS. A second request
        with the refusal's ``newest`` as ``closing_over`` closes the ticket anyway.
        """
        signed_in, request_body = await self._guard.change(request), request_body or CloseIn()
        closing = await self._desk.ticket(ticket_id)
        if closing is None or not closing.owned_by(agent_of(signed_in)):
            raise not_yours()
        agent, over = agent_of(signed_in), request_body.closing_over
        try:
            await self._desk.unanswered(ticket_id, agent, over)
            # The note is saved first: if closing then fails, nothing is lost and the agent can try again.
            about = {"team": closing.ticket.team, "conversation": closing.ticket.conversation}
            await self._closings.note(ticket_id, signed_in.staff.id, request_body, **about)
            await self._desk.close(ticket_id, agent, self._ending(request_body), closing_over=over)
        except TicketNotYours as error:
            if await self._desk.ticket(ticket_id) is not None:  # somebody else has taken it
                await self._closings.take_back(ticket_id, signed_in.staff.id)
            raise not_yours() from error
        except CitizenStillWrites as error:
            raise still_writes(error) from error
        await self._audit.record(
            Action.TICKET_CLOSED, staff_id=signed_in.staff.id, subject=ticket_id, outcome=request_body.outcome.value
        )
        return {"closed": True}

    async def alive(self, request: Request) -> Response:
        """Extends the session of a person who is active on the page."""
        await self._guard.change(request, Permission.DESK)
        return Response(status_code=204)

    async def events(self, request: Request) -> EventSourceResponse:
        signed_in = await self._guard.reading(request)
        headers = NO_STORE | {"X-Accel-Buffering": "no"}
        frames = self._stream.frames(signed_in, agent_of(signed_in))
        return EventSourceResponse(frames, ping=PING_EVERY_S, ping_message_factory=ping, headers=headers)

    def _ending(self, closing: CloseIn) -> Ending:
        entry = self._answers.about(closing.topic)
        about = (entry.id, entry.question) if entry else ("", "")
        return Ending(closing.outcome, closing.summary, *about)

    def _entry(self, version: str) -> Reply:
        if entry := self._answers.reply(version):
            return entry
        raise Refused(409, "entry_gone", say("mesa.errores.ficha_vencida"))

    async def _found(self, ticket_id: str, agent: Agent) -> Waiting:
        if found := await self._desk.ticket_for(ticket_id, agent):
            return found
        raise Refused(404, "ended", say("desk.errores.terminada"))

    async def _record(self, action: Action, signed_in: SignedIn, ticket: Ticket) -> None:
        await self._audit.record(
            action, staff_id=signed_in.staff.id, subject=ticket.id, conversation=ticket.conversation
        )


def agent_of(signed_in: SignedIn) -> Agent:
    sees_all, supervises = (may(signed_in.staff, power) for power in (Permission.ALL_TICKETS, Permission.REASSIGN))
    staff = signed_in.staff
    return Agent(str(staff.id), staff.name, staff.teams, sees_all, supervises, staff.languages, staff.capacity)


def checked_text(text: str) -> str:
    """Returns the text without surrounding white space. Raises Refused if it is empty or too long."""
    if not (text := text.strip()):
        raise Refused(422, "empty", say("desk.errores.mensaje_vacio"))
    if len(text) > MAX_REPLY_CHARACTERS:
        raise Refused(422, "too_long", say("desk.errores.mensaje_largo", maximo=MAX_REPLY_CHARACTERS))
    return text


def taken(owner: str) -> Refused:
    if not owner:
        return Refused(409, "ended", say("desk.errores.terminada"))
    return Refused(409, "taken", say("desk.errores.tomada", nombre=owner), owner=owner)


def still_writes(error: CitizenStillWrites) -> Refused:
    text = error.text[:MAX_SHOWN_CHARACTERS] or say("desk.errores.sin_palabras")
    ago = f"{error.seconds} s" if error.seconds < 60 else f"{error.seconds // 60} min"
    return Refused(
        409, "citizen_writes", say("desk.errores.sin_respuesta", tiempo=ago, texto=text), newest=error.message
    )


def not_yours() -> Refused:
    return Refused(409, "not_yours", say("desk.errores.ajena"))
