"""Turns an event that arrives into frames for the citizen's page: the message, or what happens meanwhile.

Whose turn it is only the conversation itself tells (chats.py): a change may be of a call-back, and change nothing here.
"""

from __future__ import annotations

from typing import Any

from bot.channels.formatting.html import browser_event
from bot.conversation.file_links import FileLinks
from bot.core.event_facts import RatingFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.record.callback_record import NOBODY_ATTENDED


def told_of(event: Event, links: FileLinks) -> list[dict[str, Any]]:
    """The frames for the citizen's page; none for what is not theirs to see."""
    return past_of(event, links) if event.id else _signal(event)


def past_of(event: Event, links: FileLinks) -> list[dict[str, Any]]:
    """What of ``told_of`` is still worth telling later: what was said, and which attention may be judged or was."""
    if shown := browser_event(event, links):
        return [{"type": "event"} | shown.to_data()]
    if isinstance(event.facts, RatingFacts):
        return [{"type": "feedback", "ticket": event.facts.ticket, "given": True}]
    if event.kind is EventKind.TICKET_CLOSED and event.ticket and event.ticket.outcome not in NOBODY_ATTENDED:
        return [{"type": "feedback", "ticket": event.ticket.ticket, "given": False}]
    return []


def _signal(event: Event) -> list[dict[str, Any]]:
    """The place in the line, or what the staff do; not what the citizen did."""
    of_staff = event.author is Author.STAFF and event.kind in {EventKind.TYPING, EventKind.READ}
    if event.kind is EventKind.PLACE or of_staff:
        return [{"type": event.kind.value} | event.facts.to_data()]
    return []
