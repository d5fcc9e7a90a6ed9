"""The button that begins the dialogue about a call-back. Called by notices.py and callback_dialogue.py."""

from __future__ import annotations

from bot.agency.model import Agency
from bot.core.messages import Button

OFFER = "callback:offer:"


def offer(agency: Agency, team: str) -> Button:
    """``team`` is who will call; it travels in the payload, which never leaves the server."""
    return Button(agency.say("llamada_boton"), OFFER + team)
