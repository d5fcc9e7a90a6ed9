"""Serves ``/desk/llamadas``, where agents claim call-back requests, see the contact and record each attempt.

Claiming a request claims its ticket, so no other agent can take it at the desk. Every view of a contact or a
conversation is recorded in the audit log, and conversations count towards the account's hourly limit.
"""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.agency.model import Agency
from bot.core.errors.tickets import TicketNotYours, TicketTaken
from bot.core.texts import say
from bot.desk.api.search import Reading, ReadingLimits
from bot.desk.api.tickets import agent_of
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.pages.base import DeskPages
from bot.desk.pages.callbacks.attempt import AGAIN, MAX_NOTE_CHARACTERS, read_try, saved_words
from bot.desk.pages.callbacks.cards import Cards, sections
from bot.desk.queries.callbacks import RESULTS, Callbacks, Listed
from bot.desk.queries.search import Search
from bot.handoff.agent import Agent
from bot.handoff.callbacks.news import CallbackNews
from bot.handoff.hours import ServiceHours
from bot.handoff.queue import Queue
from bot.handoff.service import Desk
from bot.record.callback_record import NOT_REACHED

PATH = "/desk/llamadas"


class CallbacksPage:
    """The handlers of the list of call-back requests and of its forms."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        callbacks: Callbacks,
        desk: Desk,
        search: Search,
        queue: Queue,
        news: CallbackNews,
        service_hours: ServiceHours,
        agency: Agency,
        audit: AuditLog,
        limits: ReadingLimits,
    ) -> None:
        self._guard, self._limits = guard, limits
        self._pages = pages
        self._callbacks = callbacks
        self._desk = desk
        self._search = search
        self._queue = queue
        self._agency = agency
        self._audit = audit
        self._zone = agency.zone
        self._service_hours = service_hours
        self._cards = Cards(agency, service_hours)
        self._news = news

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", f"{PATH}/{{callback}}/tomar", self.take)
        self._pages.serve(router, "POST", f"{PATH}/{{callback}}/soltar", self.release)
        self._pages.serve(router, "POST", f"{PATH}/{{callback}}/contacto", self.reveal)
        self._pages.serve(router, "POST", f"{PATH}/{{callback}}/resultado", self.report)
        self._pages.serve(router, "GET", f"{PATH}/{{callback}}/conversacion", self.transcript)

    async def show(self, request: Request, equipo: str = "") -> HTMLResponse:
        signed_in = await self._guard.page(request, Permission.DESK)
        await self._audit.record_view(Action.CALLBACKS_VIEWED, staff_id=signed_in.staff.id)
        return await self._list(signed_in, team=equipo)

    async def take(self, request: Request, callback: int) -> Response:
        signed_in, one = await self._posted(request, callback)
        try:
            await self._desk.claim(one.row.ticket_id, agent_of(signed_in))
        except TicketTaken as taken:
            return await self._list(signed_in, status=409, error=_taken(taken))
        await self._audit.record(Action.TICKET_CLAIMED, staff_id=signed_in.staff.id, subject=one.row.ticket_id)
        return RedirectResponse(f"{PATH}#llamada-{one.row.ticket_id}", 303)

    async def release(self, request: Request, callback: int) -> Response:
        signed_in, one = await self._posted(request, callback)
        try:
            await self._queue.release(one.row.ticket_id, agent_of(signed_in))
        except TicketNotYours:
            return await self._list(signed_in, status=409, error=say("desk.llamadas.no_es_tuya"))
        await self._audit.record(Action.TICKET_MOVED, staff_id=signed_in.staff.id, subject=one.row.ticket_id, to="line")
        return RedirectResponse(PATH, 303)

    async def reveal(self, request: Request, callback: int) -> Response:
        """Shows the decrypted contact to the agent who claimed the request, and records the view in the audit log."""
        signed_in, one = await self._posted(request, callback)
        if not _owned(one, agent_of(signed_in)):
            return await self._list(signed_in, status=409, error=say("desk.llamadas.no_es_tuya"))
        contact = self._callbacks.contact(one)
        if not contact:
            return await self._list(signed_in, status=410, error=say("desk.llamadas.sin_contacto"))
        await self._audit.record(Action.CONTACT_VIEWED, staff_id=signed_in.staff.id, subject=one.row.number)
        return await self._list(signed_in, revealed={callback: contact})

    async def report(self, request: Request, callback: int) -> Response:
        signed_in, one = await self._posted(request, callback)
        hours, now = self._service_hours.of(one.row.team), self._now()
        tried = read_try(await request.form(), hours, now)
        try:
            again_at = await self._callbacks.report(one, agent_of(signed_in).ref, tried)
        except TicketNotYours:
            return await self._list(signed_in, status=409, error=say("desk.llamadas.no_es_tuya"))
        if tried.result == NOT_REACHED:
            await self._news.not_reached(one.row.conversation_id, one.row.team, one.row.shown, again_at)
        again = self._cards.moment(one.row.team, again_at, now) if again_at else ""
        return await self._list(signed_in, done=saved_words(tried, again))

    async def transcript(self, request: Request, callback: int) -> HTMLResponse:
        signed_in = await self._guard.page(request, Permission.DESK)
        one = await self._one(signed_in, callback)
        conversation = one.row.conversation_id
        await self._limits.count(signed_in, Reading.CONVERSATION)
        past = await self._search.past(conversation, agent_of(signed_in))
        if past is None:
            raise Refused(404, "gone", say("desk.llamadas.terminada"))
        await self._audit.record(Action.TRANSCRIPT_VIEWED, staff_id=signed_in.staff.id, subject=conversation)
        messages = [
            (message.author.value, f"{datetime.fromtimestamp(message.at / 1000, self._zone):%d-%m %H:%M}", message.text)
            for message in past.events
        ]
        return self._pages.sheet("callback_talk.html", signed_in, here=PATH, number=one.row.number, said=messages)

    async def _list(
        self,
        signed_in: SignedIn,
        *,
        team: str = "",
        status: int = 200,
        error: str = "",
        done: str = "",
        revealed: dict[int, str] | None = None,
    ) -> HTMLResponse:
        agent, now = agent_of(signed_in), self._now()
        team_names = {key: name for key, name in self._agency.teams.items() if agent.serves(key)}
        shown_teams = (team,) if team in team_names else agent.teams  # an empty tuple means all
        listed, contacts = await self._callbacks.listed(shown_teams), revealed or {}
        matters = {one.ticket.id: one.matter for one in await self._desk.listed([one.row.ticket_id for one in listed])}
        shown = [
            self._cards.make(
                one,
                me=agent.id,
                now=now,
                contact=contacts.get(one.row.id, ""),
                matter=matters.get(one.row.ticket_id, ""),
            )
            for one in listed
        ]
        return self._pages.sheet(
            "callbacks.html",
            signed_in,
            status=status,
            here=PATH,
            sections=sections(shown),
            blocked=await self._callbacks.count_blocked(shown_teams),
            teams=team_names,
            team=team,
            results=RESULTS,
            again=AGAIN,
            note_characters=MAX_NOTE_CHARACTERS,
            error=error,
            done=done,
        )

    async def _posted(self, request: Request, callback: int) -> tuple[SignedIn, Listed]:
        signed_in, _ = await self._pages.posted(request, Permission.ANSWER)
        return signed_in, await self._one(signed_in, callback)

    async def _one(self, signed_in: SignedIn, callback: int) -> Listed:
        """Returns the request; raises Refused (404) if it is closed, or belongs to another team and another agent."""
        one = await self._callbacks.get(callback)
        agent = agent_of(signed_in)
        if one is None or not (agent.serves(one.row.team) or _owned(one, agent)):
            raise Refused(404, "gone", say("desk.llamadas.terminada"))
        return one

    def _now(self) -> datetime:
        return datetime.now(self._zone)


def _owned(one: Listed, agent: Agent) -> bool:
    return one.owner is not None and one.owner.id == agent.id


def _taken(taken: TicketTaken) -> str:
    owner = str(taken.facts.get("owner", ""))
    return say("desk.llamadas.tomada", nombre=owner) if owner else say("desk.llamadas.terminada")
