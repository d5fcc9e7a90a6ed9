"""Serves the delivery states of messages sent to a citizen with an open ticket.

The web channel has no delivery states: browsers read the event log and report how far they have read
(bot/conversation/signals.py).
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from bot.core.texts import say
from bot.desk.api.tickets import NO_STORE, agent_of
from bot.desk.auth.guard import Guard
from bot.desk.views.extras import failure_words
from bot.handoff.service import Desk
from bot.tickets.outbox import Delivery, Outbox

# Temporary failures. After any other failure, a retry would fail again or might send the message twice.
WORTH_SENDING_AGAIN = frozenset({"too_late", "refused", "busy", "limit"})


class DeliveriesApi:
    """The handler of ``GET /desk/api/tickets/{ticket_id}/deliveries``."""

    def __init__(self, *, guard: Guard, desk: Desk, outbox: Outbox) -> None:
        self._guard = guard
        self._desk = desk
        self._outbox = outbox

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/desk/api/tickets/{ticket_id}/deliveries", self.deliveries, methods=["GET"])

    async def deliveries(self, request: Request, response: Response, ticket_id: str) -> dict[str, Any]:
        """Returns ``{deliveries: {event id: {state, words, again}}}``; ``again`` is true if a retry may succeed.

        There are no deliveries if the agent may not see the ticket.
        """
        signed_in = await self._guard.reading(request)
        response.headers.update(NO_STORE)
        found = await self._desk.ticket_for(ticket_id, agent_of(signed_in))
        found_deliveries = await self._outbox.deliveries(found.ticket.conversation) if found else {}
        return {"deliveries": {event_id: _view(one) for event_id, one in found_deliveries.items()}}


def _view(delivery: Delivery) -> dict[str, Any]:
    failed = delivery.state == "failed"
    words = say(f"mesa.entregas.{delivery.state}")
    return {
        "state": delivery.state,
        "words": f"{words} {failure_words(delivery.reason)}" if failed else words,
        "again": failed and delivery.reason in WORTH_SENDING_AGAIN,
    }
