"""Chooses the reply to messages that neither answerer nor Rasa reads: attachments, a location, too long a text."""

from __future__ import annotations

from bot.agency.desk_settings import COMMUNE
from bot.agency.model import Agency
from bot.agency.territory import ELSEWHERE
from bot.core.messages import Button, CitizenMessage, MediaKind, Place
from bot.turns.buttons import plain
from bot.turns.emergency import MAX_MESSAGE_CHARACTERS
from bot.turns.queue.waiting import RETURN_WORDS
from bot.turns.rasa_client import harmless

AUDIBLE = frozenset({MediaKind.VOICE, MediaKind.AUDIO})
VISIBLE = frozenset({MediaKind.PHOTO, MediaKind.DOCUMENT, MediaKind.VIDEO})


def unread(message: CitizenMessage) -> str:
    """Returns the key of the reply to a message with attachments and no text.

    Returns '' if there is no reply for their kinds.
    """
    kinds = {one.kind for one in message.attachments}
    if kinds & AUDIBLE:
        return "audio"
    return "adjunto" if kinds & VISIBLE else ""


def place_words(agency: Agency, place: Place) -> str:
    """Returns the reply to a shared location; it says whether the location is in the territory, if one is set."""
    if agency.territory is None:
        return agency.say("ubicacion")
    key = "ubicacion_dentro" if agency.territory.holds(place) else "ubicacion_fuera"
    return agency.say(key, agencia=agency.short_name)


def commune_told(agency: Agency, message: CitizenMessage) -> dict[str, str]:
    """Returns, for a shared location, ``{COMMUNE: ...}`` with the agency's commune or ELSEWHERE.

    Returns {} without a location or a configured territory.
    """
    if message.place is None or agency.territory is None:
        return {}
    return {COMMUNE: agency.comuna if agency.territory.holds(message.place) else ELSEWHERE}


def said_without_rasa(agency: Agency, message: CitizenMessage, button: Button | None) -> str | None:
    """Returns the reply to a message that Rasa need not get, such as a location or a too long text; else None."""
    if button is not None:
        return None
    if not message.text and message.place is not None:
        return place_words(agency, message.place)
    if not message.text and (key := unread(message)):
        return agency.say(key)
    if message.button is not None:
        return agency.say("opcion_vencida")
    if plain(message.text) in RETURN_WORDS:
        return agency.say("vuelve_asistente")
    if not any(char.isalnum() for char in message.text):
        return agency.say("mensaje_vacio")
    if len(message.text) > MAX_MESSAGE_CHARACTERS:
        return agency.say("mensaje_largo")
    return None if harmless(message.text) else agency.say("mensaje_vacio")
