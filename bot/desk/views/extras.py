"""Describes in Spanish a message's files and location, and why a message was not delivered."""

from __future__ import annotations

from bot.agency.offices import OPENSTREETMAP
from bot.agency.territory import Territory
from bot.channels.formatting.places import map_url
from bot.conversation.files import PREFIX
from bot.core.events import Event
from bot.core.messages import Attachment, Channel, MediaKind, Place
from bot.core.texts import area, say
from bot.desk.shapes import AttachedThing

FILES = "/desk/archivos"
ATTACHMENTS = "/desk/adjuntos"
VIEW = "vista"  # last part of the path at which a picture is displayed
VIEWABLE = frozenset({"image/jpeg", "image/png", "image/webp"})


def attached_things(event: Event, territory: Territory | None, maps: str = OPENSTREETMAP) -> list[AttachedThing]:
    """Returns an event's files and location, which links to a map by the template ``maps``.

    With a ``territory``, the text states whether the location is inside it.
    """
    attached = [_attached(event.conversation, one) for one in event.message.attachments]
    if event.message.place:
        attached.append(_place(event.message.place, territory, maps))
    return attached


def failure_words(reason: str) -> str:
    """Returns why a message did not reach the citizen and, if known, what the citizen can do about it."""
    words = why_undelivered(reason)
    step = reason_texts("pasos_persona").get(reason)
    return f"{words} {say('canales.adjuntos.dile', paso=step)}" if step else words


def why_undelivered(reason: str) -> str:
    """Returns why a message did not reach the citizen, as a Spanish sentence."""
    return reason_texts("fallos").get(reason) or say("canales.fallos.refused")


def reason_texts(section: str) -> dict[str, str]:
    """Returns a section's texts, keyed by reason; the texts of a single channel have the key ``<channel>.<reason>``."""
    found: dict[str, str] = dict(area("canales")[section])
    for channel in Channel:
        found |= {f"{channel}.{key}": text for key, text in area(channel).get(section, {}).items()}
    return found


def _attached(conversation: str, one: Attachment) -> AttachedThing:
    words = say(f"canales.adjuntos.tipos.{one.kind}")
    if one.ref.startswith(PREFIX):
        url = f"{FILES}/{conversation}/{one.ref.removeprefix(PREFIX)}"
        return AttachedThing(words=one.name, url=url, picture=f"{url}/{VIEW}" if one.type in VIEWABLE else "")
    url = f"{ATTACHMENTS}/{conversation}/{one.ref}" if one.ref else ""
    words = f"{words}: {one.name}" if one.name else words
    return AttachedThing(words=words, url=url, picture=url if one.kind is MediaKind.PHOTO else "")


def _place(place: Place, territory: Territory | None, maps: str) -> AttachedThing:
    words = place.title or say("canales.adjuntos.tipos.place")
    if territory is not None:
        where = "dentro" if territory.holds(place) else "fuera"
        words = f"{words} · {say(f'canales.adjuntos.lugar.{where}')}"
    return AttachedThing(words=words, url=map_url(place, maps), picture="")
