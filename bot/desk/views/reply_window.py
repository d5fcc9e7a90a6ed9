"""A channel's reply window (WhatsApp's 24 hours) as the desk counts it down. Called by views.py for each ticket."""

from __future__ import annotations

from dataclasses import dataclass

from bot.agency.whatsapp_templates import MAX_ANSWER, Templates
from bot.core.channels import traits_of
from bot.core.json_fields import JsonFields
from bot.core.reply_window import ReplyWindow
from bot.core.texts import say
from bot.handoff.service import Waiting

TEMPLATE = "plantilla"


@dataclass(frozen=True)
class WindowView(JsonFields):
    """Open until ``open_until`` (ms); a message of the citizen opens it again for ``lasts`` (ms). ``after`` are the
    words for when it is over, ``previews``: then a reply goes out inside the template, as ``/preview`` shows it."""

    open_until: int
    lasts: int
    after: str
    previews: bool


def window_view(waiting: Waiting, templates: Templates) -> WindowView | None:
    """None where no window is known."""
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
