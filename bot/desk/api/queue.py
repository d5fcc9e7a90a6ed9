"""Serves the API for moving tickets between agents and queues, for notes and for presence.

Every move returns ``{ticket}``: the ticket after the move, or null if the ticket is closed or hidden from this agent. A
move is refused with 403 without the permission, with 422 if its target is invalid, and with 409 if the ticket is not
this agent's or has ended.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, Field

from bot.agency.model import Agency
from bot.core.errors.tickets import CitizenStillWrites, StaffAbsent, TicketNotYours
from bot.core.texts import say
from bot.desk.api.tickets import NO_STORE, agent_of, checked_text, not_yours, readable_text, still_writes
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.queries.closings import MAX_MESSAGE_ID
from bot.desk.queries.colleagues import Colleagues
from bot.desk.views.tickets import Views
from bot.handoff.notices import team_list
from bot.handoff.queue import AtWork, Queue
from bot.handoff.service import Desk
from bot.text.languages import Language
from bot.tickets.presence import Presence
from bot.tickets.transitions import Note

MAX_NOTE_CHARACTERS = 4000
MAX_NAMED = 20
NOTE_ID = r"^[A-Za-z0-9-]{8,64}$"


class NoteIn(BaseModel):
    """The body of a new note for staff; the page chooses ``note_id``, so that a retry does not add the note twice."""

    note_id: str = Field(pattern=NOTE_ID)
    text: Annotated[str, BeforeValidator(readable_text), Field(max_length=MAX_NOTE_CHARACTERS)]

    def read(self) -> Note:
        return Note(self.note_id, checked_text(self.text))


class NamingNoteIn(NoteIn):
    """The body of a new note that mentions colleagues, by their ids."""

    named: Annotated[list[str], Field(max_length=MAX_NAMED)] = []


class MoveIn(BaseModel):
    """The target of a transfer: a ``team``, or an agent's id in ``staff``; with an optional note.

    A release uses only the note.
    """

    team: str = ""
    staff: str = ""
    note: NoteIn | None = None

    def noted(self) -> Note | None:
        return self.note.read() if self.note else None


class SnoozeIn(BaseModel):
    """A snooze although the citizen has no answer; ``over`` is the id of their newest message that the agent saw."""

    over: str = Field(default="", max_length=MAX_MESSAGE_ID)


class PresenceIn(BaseModel):
    """A change of presence; ``hand_over`` ends the shift and returns the agent's tickets to the queue."""

    presence: Presence
    hand_over: bool = False


class QueueApi:
    """The handlers of ticket moves, notes and presence."""

    def __init__(
        self,
        *,
        guard: Guard,
        desk: Desk,
        queue: Queue,
        views: Views,
        audit: AuditLog,
        agency: Agency,
        colleagues: Colleagues,
    ) -> None:
        self._guard = guard
        self._desk = desk
        self._queue = queue
        self._views = views
        self._audit = audit
        self._agency = agency
        self._colleagues = colleagues

    def add_to(self, router: APIRouter) -> None:
        one = "/desk/api/tickets/{ticket_id}"
        router.add_api_route("/desk/api/next", self.claim_next, methods=["POST"])
        router.add_api_route(f"{one}/snooze", self.snooze, methods=["POST"])
        router.add_api_route(f"{one}/wake", self.wake, methods=["POST"])
        router.add_api_route(f"{one}/release", self.release, methods=["POST"])
        router.add_api_route(f"{one}/move", self.move, methods=["POST"])
        router.add_api_route(f"{one}/take-over", self.take_over, methods=["POST"])
        router.add_api_route(f"{one}/notes", self.note, methods=["POST"])
        router.add_api_route("/desk/api/agents", self.agents, methods=["GET"])
        router.add_api_route("/desk/api/heartbeat", self.heartbeat, methods=["POST"])
        router.add_api_route("/desk/api/presence", self.presence, methods=["POST"])

    async def claim_next(self, request: Request) -> dict[str, Any]:
        """Claims the first ticket of this agent's queues; ``ticket`` is null if the queues are empty."""
        signed_in = await self._guard.change(request)
        ticket = await self._queue.claim_next(agent_of(signed_in))
        if ticket is None:
            return {"ticket": None}
        await self._record(Action.TICKET_CLAIMED, signed_in, ticket.id, how="next")
        return await self._now(signed_in, ticket.id)

    async def snooze(self, request: Request, ticket_id: str, snooze: SnoozeIn | None = None) -> dict[str, Any]:
        """Snoozes this agent's ticket until the citizen writes again, at most for the agency's ``snooze_h`` hours.

        The refusal 409 ``citizen_writes`` is that of closing.
        """
        signed_in = await self._guard.change(request)
        agent, snoozed = agent_of(signed_in), False
        try:
            while not snoozed:
                left = await self._desk.unanswered(ticket_id, agent, snooze.over if snooze else "")
                snoozed = await self._queue.snooze(ticket_id, agent, left)
        except TicketNotYours as error:
            raise not_yours() from error
        except CitizenStillWrites as error:
            raise still_writes(error) from error
        await self._record(Action.TICKET_SNOOZED, signed_in, ticket_id)
        return await self._now(signed_in, ticket_id)

    async def wake(self, request: Request, ticket_id: str) -> dict[str, Any]:
        """Wakes one of this agent's snoozed tickets."""
        signed_in = await self._guard.change(request)
        try:
            await self._queue.wake(ticket_id, agent_of(signed_in))
        except TicketNotYours as error:
            raise not_yours() from error
        await self._record(Action.TICKET_WOKEN, signed_in, ticket_id)
        return await self._now(signed_in, ticket_id)

    async def release(self, request: Request, ticket_id: str, move: MoveIn) -> dict[str, Any]:
        """Puts the ticket back at the head of its queue, with an optional note."""
        signed_in = await self._guard.change(request)
        try:
            await self._queue.release(ticket_id, agent_of(signed_in), move.noted())
        except TicketNotYours as error:
            raise not_yours() from error
        await self._record(Action.TICKET_MOVED, signed_in, ticket_id, to="line")
        return await self._now(signed_in, ticket_id)

    async def move(self, request: Request, ticket_id: str, move: MoveIn) -> dict[str, Any]:
        """Transfers the ticket to a team or an agent; only its owner and supervisors who may see it may do so.

        Raises Refused for anyone else, if the team is unknown, or if the agent is absent.
        """
        signed_in = await self._guard.change(request)
        if bool(move.team) == bool(move.staff):
            raise Refused(422, "invalid", say("desk.errores.a_nadie"))
        if move.team and move.team not in self._agency.teams:
            raise Refused(422, "invalid", say("desk.errores.equipo_desconocido"))
        try:
            await self._moved(signed_in, ticket_id, move)
        except TicketNotYours as error:
            raise not_yours() from error
        except StaffAbsent as error:
            raise Refused(409, "absent", say(error.text_key)) from error
        await self._record(Action.TICKET_MOVED, signed_in, ticket_id, to=move.team or move.staff)
        return await self._now(signed_in, ticket_id)

    async def take_over(self, request: Request, ticket_id: str) -> dict[str, Any]:
        """Assigns any open ticket that this agent may see, of another agent or in a queue, to this agent.

        Requires the permission to reassign. Raises Refused if the ticket is closed or hidden from this agent.
        """
        signed_in = await self._guard.change(request, Permission.REASSIGN)
        try:
            await self._queue.take_over(ticket_id, agent_of(signed_in))
        except TicketNotYours as error:
            raise Refused(409, "ended", say("desk.errores.terminada")) from error
        await self._record(Action.TICKET_MOVED, signed_in, ticket_id, to=str(signed_in.staff.id))
        return await self._now(signed_in, ticket_id)

    async def note(self, request: Request, ticket_id: str, note: NamingNoteIn) -> dict[str, Any]:
        """Adds a note that only staff see; returns the event's ``{id}``, the same for a repeated ``note_id``.

        Notifies the ticket's owner and the mentioned colleagues who may see the ticket. Raises Refused if the ticket is
        closed or hidden from this agent, or if the note is empty.
        """
        signed_in = await self._guard.change(request)
        agent, text = agent_of(signed_in), note.read()
        found = await self._desk.ticket_for(ticket_id, agent)
        event_id = ""
        if found:
            named = await self._allowed(found.ticket.team, note.named)
            event_id = await self._queue.note(found.ticket, agent, text, named)
        if not event_id:
            raise Refused(404, "ended", say("desk.errores.terminada"))
        await self._record(Action.NOTE_WRITTEN, signed_in, ticket_id, event=event_id)
        return {"id": event_id}

    async def agents(self, request: Request, response: Response) -> dict[str, Any]:
        """Returns ``{agents, teams}`` for a transfer: the agents at the desk, even those who are away, and all teams.

        ``load`` is the number of tickets that an agent has claimed.
        """
        await self._guard.reading(request)
        response.headers.update(NO_STORE)
        teams = [{"id": key, "name": name} for key, name in self._agency.teams.items()]
        return {"agents": [self._at_work(one) for one in await self._queue.at_work()], "teams": teams}

    async def heartbeat(self, request: Request) -> dict[str, Any]:
        """Records that the agent's browser is open; returns ``{presence}``."""
        # ``change`` would keep the session from expiring, but a heartbeat is not user activity.
        self._guard.check_origin(request)
        signed_in = await self._guard.reading(request, Permission.ANSWER)
        return {"presence": await self._queue.heartbeat(agent_of(signed_in))}

    async def presence(self, request: Request, change: PresenceIn) -> dict[str, Any]:
        """Sets the agent's presence; returns ``{presence, handed_over}``, the latter the number of requeued tickets."""
        signed_in = await self._guard.change(request)
        agent = agent_of(signed_in)
        handed_over = await self._queue.hand_over(agent) if change.hand_over else 0
        if change.hand_over:
            await self._audit.record(Action.SHIFT_ENDED, staff_id=signed_in.staff.id, count=handed_over)
        return {"presence": await self._queue.heartbeat(agent, change.presence), "handed_over": handed_over}

    async def _moved(self, signed_in: SignedIn, ticket_id: str, move: MoveIn) -> None:
        if move.team:
            await self._queue.to_team(ticket_id, agent_of(signed_in), move.team, move.noted())
        else:
            await self._queue.assign(ticket_id, agent_of(signed_in), move.staff, move.noted())

    async def _allowed(self, team: str, named: list[str]) -> list[str]:
        """Returns the ids in ``named`` whose accounts may see the team's tickets."""
        if not named:
            return []
        allowed = {str(one.id) for one in await self._colleagues.of_team(team)}
        return [one for one in named if one in allowed]

    async def _now(self, signed_in: SignedIn, ticket_id: str) -> dict[str, Any]:
        agent, now = agent_of(signed_in), await self._desk.ticket(ticket_id)
        return {"ticket": self._views.ticket(now, agent).to_data() if now and agent.sees(now.ticket) else None}

    async def _record(self, action: Action, signed_in: SignedIn, ticket_id: str, **detail: object) -> None:
        await self._audit.record(action, staff_id=signed_in.staff.id, subject=ticket_id, **detail)

    def _at_work(self, one: AtWork) -> dict[str, Any]:
        agent, teams = one.agent, one.agent.skills.teams
        return {
            "id": agent.id,
            "name": agent.name,
            "presence": agent.presence.value,
            "teams": team_list(self._agency, teams),
            "languages": [Language(one).words for one in agent.skills.languages],
            "load": one.load,
            "capacity": agent.skills.capacity,
        }
