"""What is said to a browser about an event that arrives: the message, or what happens meanwhile.

Called by chats.py for what it reads in the feed and hears live.
"""

from __future__ import annotations

from typing import Any

from bot.channels.formatting.html import browser_event
from bot.conversation.file_links import FileLinks
from bot.conversation.ratings import OPINION
from bot.conversation.signals import READ, TYPING
from bot.core.messages import Author, Event
from bot.record.callback_record import NOBODY_ATTENDED
from bot.tickets.positions import PLACE

SPEAKER_MAY_CHANGE = frozenset(
    {"ticket_opened", "ticket_returned", "ticket_claimed", "ticket_callback", "ticket_closed", "ticket_cancelled"}
)
"""Events after which another may speak. Each may also be of a call-back, which changes nothing for who is in the chat:
only the conversation itself tells."""


def told_of(event: Event, links: FileLinks) -> list[dict[str, Any]]:
    """The frames for the citizen's page; none for what is not theirs to see."""
    return past_of(event, links) if event.id else _signal(event)


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
