"""Removes from the draft of a complaint the photos and the position that a removed message contained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core.event_facts import MessageFacts

PHOTO, WHERE = "photo", "where"  # steps of bot/handoff/complaints/form.py


def without_sent(form: Mapping[str, Any], sent: MessageFacts) -> dict[str, Any]:
    """Returns the stored form without a message's photos and place; the dialogue asks again for the missing data."""
    refs = {one.ref for one in sent.attachments if one.ref}
    photos = [one for one in form.get("photos", ()) if one.get("ref") not in refs]
    lost = set()
    if len(photos) != len(form.get("photos", ())):
        lost.add("photos")
    if sent.place is not None and form.get("place") == sent.place.to_data():
        lost.add("place")
    kept = {name: value for name, value in form.items() if name not in lost}
    if "photos" in lost and photos:
        kept["photos"] = photos
    asked = {PHOTO} if "photos" in lost and not photos else set()
    asked |= {WHERE} if "place" in lost and not form.get("location") else set()
    if asked:
        kept["answered"] = [one for one in form.get("answered", ()) if one not in asked]
    return kept
