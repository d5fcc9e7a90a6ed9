"""What is said to a browser about an event that arrives: the message, the change of speaker, or what happens meanwhile.

Called by webchat_chats.py for what it hears live.
"""

from __future__ import annotations

from typing import Any

from bot.channels.render import browser_event
from bot.conversation.places import PLACE
from bot.conversation.signals import READ, TYPING
from bot.messages import Author, Event, Speaker

SPEAKER_AFTER = {
    "ticket_opened": Speaker.WAITING,
    "ticket_claimed": Speaker.STAFF,
    "ticket_closed": Speaker.ASSISTANT,
    "ticket_cancelled": Speaker.ASSISTANT,
}


def told_of(event: Event) -> dict[str, Any] | None:
    """The frame for the citizen's page, or None for what is not theirs to see."""
    if not event.id:
        return _signal(event)
    if shown := browser_event(event):
        return {"type": "event"} | shown
    speaker = SPEAKER_AFTER.get(event.kind)
    if speaker is None:
        return None
    name = {"name": event.data["owner_name"]} if speaker is Speaker.STAFF else {}
    return {"type": "speaker", "speaker": speaker} | name


def _signal(event: Event) -> dict[str, Any] | None:
    """The place in the line, or what the staff do; not what the citizen did."""
    if event.kind == PLACE or (event.author is Author.STAFF and event.kind in {TYPING, READ}):
        return {"type": event.kind} | event.data
    return None
