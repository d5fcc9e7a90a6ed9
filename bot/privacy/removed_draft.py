"""Removes from the draft of a complaint the photos and the position that a removed message contained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core.event_facts import MessageFacts

PHOTO, WHERE = "photo", "where"  # steps of bot/handoff/complaints/form.py


def without_sent(form: Mapping[str, Any], sent: MessageFacts) -> dict[str, Any]:
    """Returns the stored form without a message's photos and place; the dialogue asks again for the missing data."""
    kept, asked_again = dict(form), set()
    refs, photos = {one.ref for one in sent.attachments if one.ref}, form.get("photos", ())
    left = [one for one in photos if one.get("ref") not in refs]
    if len(left) < len(photos):
        kept["photos"] = left
    if photos and not left:
        del kept["photos"]
        asked_again.add(PHOTO)
    if sent.place is not None and form.get("place") == sent.place.to_data():
        del kept["place"]
        asked_again |= set() if form.get("location") else {WHERE}
    if asked_again:
        kept["answered"] = [one for one in form.get("answered", ()) if one not in asked_again]
    return kept
