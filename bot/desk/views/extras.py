"""What an event carries besides words, as the desk shows it: files, a place, what became of it. Called by views.py."""

from __future__ import annotations

from typing import Any

from bot.agency.territory import Territory
from bot.conversation.files import PREFIX
from bot.core.messages import Event, Place
from bot.core.texts import area, say

FILES = "/desk/archivos"
ATTACHMENTS = "/desk/adjuntos"
"""Where attachments.py serves what citizens sent."""
MAP = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=18/{lat}/{lon}"
CHANGES = frozenset({"delivery", "blocked", "unblocked"})


def extras(event: Event, territory: Territory | None) -> dict[str, Any]:
    """``attached: [{words, url}]`` of a message, url '' when nobody can fetch it; ``words`` of a channel's change.

    A place says whether it is in the agency's ``territory``, where that is known.
    """
    if event.kind in CHANGES:
        return {"words": _change(event)}
    attached = [_attached(event.conversation, one) for one in event.data.get("attachments") or ()]
    if place := event.data.get("place"):
        attached.append(_place(Place(**place), territory))
    shown: dict[str, Any] = {"attached": attached} if attached else {}
    return shown | ({"edited": True} if event.data.get("edits") else {})


def failure_words(reason: str) -> str:
    """Why a message did not reach the citizen, what to do, and what to tell the citizen by another way."""
    texts = area("canales")
    words = str(texts["fallos"].get(reason) or texts["fallos"]["refused"])
    step = texts["pasos_persona"].get(reason)
    return f"{words} {say('canales.adjuntos.dile', paso=step)}" if step else words


def _change(event: Event) -> str:
    if event.kind == "delivery":
        return say("canales.adjuntos.no_entregado", motivo=failure_words(str(event.data.get("reason"))))
    return say(f"canales.adjuntos.{event.kind}")


def _attached(conversation: str, one: dict[str, Any]) -> dict[str, str]:
    words = say(f"canales.adjuntos.tipos.{one['kind']}")
    name = str(one.get("name") or "")
    ref = str(one.get("ref") or "")
    if ref.startswith(PREFIX):
        return {"words": name, "url": f"{FILES}/{conversation}/{ref.removeprefix(PREFIX)}"}
    url = f"{ATTACHMENTS}/{conversation}/{ref}" if ref else ""
    return {"words": f"{words}: {name}" if name else words, "url": url}


def _place(place: Place, territory: Territory | None) -> dict[str, str]:
    words = place.title or say("canales.adjuntos.tipos.place")
    if territory is not None:
        where = "dentro" if territory.holds(place) else "fuera"
        words = f"{words} · {say(f'canales.adjuntos.lugar.{where}')}"
    return {"words": words, "url": MAP.format(lat=f"{place.latitude:.6f}", lon=f"{place.longitude:.6f}")}
