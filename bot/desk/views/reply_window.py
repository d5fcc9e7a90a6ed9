"""Describes the reply window of a ticket's channel (WhatsApp's 24 hours), for the desk's countdown."""

from __future__ import annotations

from bot.agency.whatsapp_templates import MAX_ANSWER, Templates
from bot.core.channels import traits_of
from bot.core.reply_window import ReplyWindow
from bot.core.texts import say
from bot.desk import shapes
from bot.handoff.listing import Waiting

TEMPLATE = "plantilla"


def window_view(waiting: Waiting, templates: Templates) -> shapes.ReplyWindow | None:
    """Returns a ticket's reply window; None if its channel has none or the citizen has not written."""
    window = traits_of(waiting.ticket.channel).reply_window
    if window is None or not waiting.inbound_at:
        return None
    way = _after(waiting, window, templates)
    after = say(f"desk.ventana.{way}", maximo=MAX_ANSWER)
    until = window.last_call_at(waiting.inbound_at)
    return shapes.ReplyWindow(open_until=until, lasts=window.free_ms, after=after, previews=way == TEMPLATE)


def _after(waiting: Waiting, window: ReplyWindow, templates: Templates) -> str:
    if waiting.notices_off:
        return "baja"
    return TEMPLATE if window.template and templates.answer else "sin_plantilla"
