"""Previews a reply once the channel's reply window has closed: ``POST /desk/api/tickets/<id>/preview``.

The channel itself renders the reply in the template that Meta approved, so the preview is exactly what is sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, BeforeValidator, Field

from bot.agency.whatsapp_templates import MAX_ANSWER
from bot.core.errors.messages import SendLater, SendRefused
from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Channel
from bot.core.texts import say
from bot.desk.api.tickets import MAX_REPLY_CHARACTERS, agent_of, readable_text
from bot.desk.auth.guard import Guard, Refused
from bot.desk.views.extras import why_undelivered
from bot.handoff.service import Desk

TOO_LONG = "too_long"
WORDED = {"opted_out": "desk.ventana.baja", "window_closed": "desk.ventana.sin_plantilla"}

# Renders the event as it would be sent. Raises SendRefused if it cannot be sent, SendLater if the provider is down.
Preview = Callable[[Event], Awaitable[str]]


class PreviewIn(BaseModel):
    """The body of a preview request: a draft reply."""

    text: Annotated[str, BeforeValidator(readable_text), Field(max_length=MAX_REPLY_CHARACTERS * 2)]


class PreviewApi:
    """The handler of previews; ``previews`` maps each channel that has previews to the function that renders them."""

    def __init__(self, *, guard: Guard, desk: Desk, previews: Mapping[Channel, Preview]) -> None:
        self._guard = guard
        self._desk = desk
        self._previews = previews

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/desk/api/tickets/{ticket_id}/preview", self.show, methods=["POST"])

    async def show(self, request: Request, ticket_id: str, reply: PreviewIn) -> dict[str, str]:
        """Returns ``{text, problem}``: the rendered reply and '', or '' and why it cannot be sent or previewed.

        Raises Refused if this agent may not see the ticket, or if its channel has no previews.
        """
        signed_in = await self._guard.change(request)
        found = await self._desk.ticket_for(ticket_id, agent_of(signed_in))
        preview = self._previews.get(found.ticket.channel) if found else None
        if found is None or preview is None:
            raise Refused(404, "ended", say("desk.errores.terminada"))
        text, name = reply.text.strip(), MessageFacts(name=signed_in.staff.name)
        event = Event("0-0", found.ticket.conversation, EventKind.MESSAGE, Author.STAFF, text, name)
        try:
            return {"text": await preview(event), "problem": ""}
        except SendRefused as error:
            return {"text": "", "problem": _why(error.reason)}
        except SendLater:
            return {"text": "", "problem": say("desk.ventana.sin_vista")}


def _why(reason: str) -> str:
    """Returns the Spanish text for a reason of SendRefused."""
    if reason == TOO_LONG:
        return say("desk.ventana.no_cabe", maximo=MAX_ANSWER)
    return say(WORDED[reason]) if reason in WORDED else why_undelivered(reason)
