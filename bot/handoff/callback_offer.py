"""Builds the button that starts the dialogue about a call-back."""

from __future__ import annotations

from bot.agency.model import Agency
from bot.core.messages import Button
from bot.text.translations import titles

OFFER = "callback:offer:"


def offer(agency: Agency, team: str) -> Button:
    """Returns the button that offers a call-back by ``team``; the channel does not receive its payload."""
    return Button(agency.say("llamada_boton"), OFFER + team, titles=titles("llamada_boton"))
