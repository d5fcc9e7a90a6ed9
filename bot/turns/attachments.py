"""Chooses the reply to attachments or a location without text, since the assistant reads only text."""

from __future__ import annotations

from bot.agency.desk_settings import COMMUNE
from bot.agency.model import Agency
from bot.agency.territory import ELSEWHERE
from bot.core.messages import CitizenMessage, MediaKind, Place

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
