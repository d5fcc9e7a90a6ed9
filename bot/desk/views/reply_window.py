"""WhatsApp's 24-hour window as the desk counts it down. Called by views.py for each ticket."""

from __future__ import annotations

from typing import Any

from bot.agency.whatsapp_templates import LONGEST_ANSWER, Templates
from bot.core.messages import Channel
from bot.core.reply_window import FREE_MS, last_call_at
from bot.core.texts import say
from bot.handoff.service import Waiting

TEMPLATE = "plantilla"


def window_view(waiting: Waiting, templates: Templates) -> dict[str, Any] | None:
    """``{open_until (ms), lasts (ms), after, previews}``, ``after`` the words for when it is over, ``previews``: then
    a reply goes out inside the template, as ``/preview`` shows it; None where no window is known.

    A message of the citizen opens it again for ``lasts``.
    """
    if waiting.ticket.channel is not Channel.WHATSAPP or not waiting.inbound_at:
        return None
    way = _after(waiting, templates)
    after = {"after": say(f"desk.ventana.{way}", maximo=LONGEST_ANSWER), "previews": way == TEMPLATE}
    return {"open_until": last_call_at(waiting.inbound_at), "lasts": FREE_MS} | after


def _after(waiting: Waiting, templates: Templates) -> str:
    if waiting.notices_off:
        return "baja"
    return TEMPLATE if templates.answer else "sin_plantilla"
