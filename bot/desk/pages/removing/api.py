"""Serves ``POST /desk/api/tickets/{ticket}/messages/{event}/remove``, for the agent who attends the citizen."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from bot.core.errors import PermanentError
from bot.core.texts import say
from bot.desk.api.tickets import agent_of, not_yours
from bot.desk.auth.guard import Guard, Refused
from bot.handoff.service import Desk
from bot.privacy.removals import Blocked, NotRemovable, Removals, Remover


class RemovingApi:
    """The handler of the removal."""

    def __init__(self, *, guard: Guard, desk: Desk, removals: Removals) -> None:
        self._guard, self._desk, self._removals = guard, desk, removals

    def add_to(self, router: APIRouter) -> None:
        path = "/desk/api/tickets/{ticket_id}/messages/{event_id}/remove"
        router.add_api_route(path, self.remove, methods=["POST"])

    async def remove(self, request: Request, ticket_id: str, event_id: str) -> dict[str, Any]:
        """Removes a message; returns ``{complaints}``, the numbers of the complaints that repeat it and stay."""
        signed_in = await self._guard.change(request)
        found = await self._desk.ticket_for(ticket_id, agent_of(signed_in))
        if found is None or not found.owned_by(agent_of(signed_in)):
            raise not_yours()
        by = Remover(signed_in.staff.id, signed_in.staff.name)
        try:
            return {"complaints": await self._removals.begin(found.ticket.conversation, event_id, by)}
        except (Blocked, NotRemovable) as error:
            raise refusal(error) from error


def refusal(error: PermanentError) -> Refused:
    return Refused(409, "not_removable", say(error.text_key))
