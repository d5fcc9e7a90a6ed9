"""Builds the button that starts the dialogue about a call-back."""

from __future__ import annotations

from bot.agency.model import Agency
from bot.core.messages import Button
from bot.text.languages import Language

OFFER = "callback:offer:"


def offer(agency: Agency, team: str) -> Button:
    """Returns the button that offers a call-back by ``team``; the channel does not receive its payload.

    The dialogue is in Spanish, so the button is offered only in that language.
    """
    title = agency.say("llamada_boton")
    return Button(title, OFFER + team, titles={Language.SPANISH: title})
