"""Describes the reply window of a ticket's channel (WhatsApp's 24 hours), for the desk's countdown."""

from __future__ import annotations

from dataclasses import dataclass

from bot.agency.whatsapp_templates import MAX_ANSWER, Templates
from bot.core.channels import traits_of
from bot.core.json_fields import JsonFields
from bot.core.reply_window import ReplyWindow
from bot.core.texts import say
from bot.handoff.listing import Waiting

TEMPLATE = "plantilla"


@dataclass(frozen=True)
class WindowView(JsonFields):
    """The reply window of one ticket, as the desk shows it."""

    open_until: int  # ms since 1970
    lasts: int  # duration that a citizen's message keeps the window open, in ms
    after: str  # hint to show once the window has closed
    previews: bool  # whether later replies use the template, which ``/preview`` renders


def window_view(waiting: Waiting, templates: Templates) -> WindowView | None:
    """Returns a ticket's reply window; None if its channel has none or the citizen has not written."""
    window = traits_of(waiting.ticket.channel).reply_window
    if window is None or not waiting.inbound_at:
        return None
    way = _after(waiting, window, templates)
    after = say(f"desk.ventana.{way}", maximo=MAX_ANSWER)
    return WindowView(window.last_call_at(waiting.inbound_at), window.free_ms, after, previews=way == TEMPLATE)


def _after(waiting: Waiting, window: ReplyWindow, templates: Templates) -> str:
    if waiting.notices_off:
        return "baja"
    return TEMPLATE if window.template and templates.answer else "sin_plantilla"
