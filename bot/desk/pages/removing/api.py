"""Serves ``POST /desk/api/tickets/{ticket}/messages/{event}/remove``, for the agent who attends the citizen."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from bot.conversation.live import event_order
from bot.core.errors.base import PermanentError
from bot.core.texts import say
from bot.desk.api.tickets import agent_of, not_yours
from bot.desk.auth.guard import Guard, Refused
from bot.desk.queries.reach import Reach
from bot.handoff.service import Desk
from bot.privacy.removals import EVENT_ID, Blocked, NotRemovable, Removals, Remover


class RemovingApi:
    """The handler of the request to remove a message."""

    def __init__(self, *, guard: Guard, desk: Desk, removals: Removals, reach: Reach) -> None:
        self._guard, self._desk, self._removals, self._reach = guard, desk, removals, reach

    def add_to(self, router: APIRouter) -> None:
        path = "/desk/api/tickets/{ticket_id}/messages/{event_id}/remove"
        router.add_api_route(path, self.remove, methods=["POST"])

    async def remove(self, request: Request, ticket_id: str, event_id: str) -> dict[str, Any]:
        """Hides a message at once and begins its removal; returns ``{complaints, at_once}``.

        ``complaints`` are the numbers of the complaints that repeat the message and are kept; ``at_once`` is false if
        the message is hidden only later. Raises Refused if the agent does not attend the ticket or the message cannot
        be removed.
        """
        signed_in = await self._guard.change(request)
        agent = agent_of(signed_in)
        found = await self._desk.ticket_for(ticket_id, agent)
        if found is None or not found.owned_by(agent):
            raise not_yours()
        readable = await self._reach.readable(found.ticket.conversation, agent, found.ticket)
        if EVENT_ID.fullmatch(event_id) and not readable.holds(event_order(event_id)[0]):
            raise refusal(NotRemovable())  # it is from an episode that the agent may not read
        by = Remover(signed_in.staff.id, signed_in.staff.name)
        try:
            return (await self._removals.begin(found.ticket.conversation, event_id, by))._asdict()
        except (Blocked, NotRemovable) as error:
            raise refusal(error) from error


def refusal(error: PermanentError) -> Refused:
    return Refused(409, "not_removable", say(error.text_key))
