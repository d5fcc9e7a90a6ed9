"""What is said to a browser about an event that arrives: the message, the change of speaker, or what happens meanwhile.

Called by webchat_chats.py for what it reads in the feed and hears live.
"""

from __future__ import annotations

from typing import Any

from bot.channels.formatting.html import browser_event
from bot.conversation.file_links import FileLinks
from bot.conversation.ratings import OPINION
from bot.conversation.signals import READ, TYPING
from bot.core.messages import Author, Event, Speaker
from bot.record.callback_record import NOBODY_ATTENDED
from bot.tickets.positions import PLACE

SPEAKER_AFTER = {
    "ticket_opened": Speaker.WAITING,
    "ticket_returned": Speaker.WAITING,
    "ticket_claimed": Speaker.STAFF,
    "ticket_callback": Speaker.ASSISTANT,
    "ticket_closed": Speaker.ASSISTANT,
    "ticket_cancelled": Speaker.ASSISTANT,
}


def told_of(event: Event, links: FileLinks) -> list[dict[str, Any]]:
    """The frames for the citizen's page; none for what is not theirs to see."""
    if not event.id:
        return _signal(event)
    speaker = _speaker(event)
    name = {"name": event.data["owner_name"]} if speaker is Speaker.STAFF else {}
    return past_of(event, links) + ([{"type": "speaker", "speaker": speaker} | name] if speaker else [])


def _speaker(event: Event) -> Speaker | None:
    """Whose turn it became; None when the change was not of the ticket that is spoken in (a call-back)."""
    speaker = SPEAKER_AFTER.get(event.kind)
    return speaker if event.data.get("speaker", speaker) == speaker else None


def past_of(event: Event, links: FileLinks) -> list[dict[str, Any]]:
    """What of ``told_of`` is still worth telling later: what was said, and which attention may be judged or was."""
    if shown := browser_event(event, links):
        return [{"type": "event"} | shown]
    if event.kind == "ticket_closed" and event.data.get("outcome") in NOBODY_ATTENDED:
        return []
    if event.kind in {"ticket_closed", OPINION}:
        return [{"type": "feedback", "ticket": event.data["ticket"], "given": event.kind == OPINION}]
    return []


def _signal(event: Event) -> list[dict[str, Any]]:
    """The place in the line, or what the staff do; not what the citizen did."""
    if event.kind == PLACE or (event.author is Author.STAFF and event.kind in {TYPING, READ}):
        return [{"type": event.kind} | event.data]
    return []
