"""Serves an agent's notices, shows agents who is viewing a waiting ticket, and lists colleagues to mention in notes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from bot.desk.api.tickets import NO_STORE, agent_of
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.queries.colleagues import Colleagues
from bot.handoff.service import Desk
from bot.tickets.staff_notices import StaffNotices

NoticeId = Annotated[str, Path(pattern=r"^[\w-]{1,80}$")]


class NoticesApi:
    """The handlers of notices, viewed tickets and colleagues; the live events carry the notices to the page."""

    def __init__(self, *, guard: Guard, desk: Desk, notices: StaffNotices, colleagues: Colleagues) -> None:
        self._guard = guard
        self._desk = desk
        self._notices = notices
        self._colleagues = colleagues

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/desk/api/notices/{notice}/read", self.read, methods=["POST"], status_code=204)
        router.add_api_route("/desk/api/tickets/{ticket_id}/looking", self.looking, methods=["POST"], status_code=204)
        router.add_api_route("/desk/api/tickets/{ticket_id}/colleagues", self.colleagues, methods=["GET"])

    async def read(self, request: Request, notice: NoticeId) -> None:
        """Deletes a notice that the agent has read."""
        signed_in = await self._guard.change(request, Permission.DESK)
        await self._notices.drop(str(signed_in.staff.id), notice)

    async def looking(self, request: Request, ticket_id: str) -> None:
        """Signals to the other agents' pages that this agent has a waiting ticket open."""
        # ``change`` would keep the session from expiring, but an open page is not user activity.
        self._guard.check_origin(request)
        signed_in = await self._guard.reading(request, Permission.ANSWER)
        agent = agent_of(signed_in)
        found = await self._desk.ticket_for(ticket_id, agent)
        if found and found.ticket.owner is None:
            await self._desk.looking(found.ticket, agent)

    async def colleagues(self, request: Request, response: Response, ticket_id: str) -> dict[str, Any]:
        """Returns ``{colleagues: [{id, name}]}``: other staff who may see the ticket; [] if this agent may not."""
        signed_in = await self._guard.reading(request)
        response.headers.update(NO_STORE)
        found = await self._desk.ticket_for(ticket_id, agent_of(signed_in))
        accounts = await self._colleagues.of_team(found.ticket.team) if found else []
        others = [one for one in accounts if one.id != signed_in.staff.id]
        return {"colleagues": [{"id": str(one.id), "name": one.name} for one in others]}
