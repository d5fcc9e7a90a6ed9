"""Converts events into frames for the citizen's browser: messages, ratings and live signals.

chats.py builds the speaker frames from the conversation's state, since a call-back's events do not always change the
speaker.
"""

from __future__ import annotations

from typing import Any

from bot.channels.formatting.shown_event import Links, browser_event
from bot.core.event_facts import AnswerRatingFacts, RatingFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author, RemovalFacts
from bot.record.callback_record import NOBODY_ATTENDED


def frames_of(event: Event, links: Links) -> list[dict[str, Any]]:
    """Returns an event's frames for the citizen's browser; [] for events that the chat does not show."""
    return past_frames_of(event, links) if event.id else _signal(event)


def past_frames_of(event: Event, links: Links) -> list[dict[str, Any]]:
    """Returns a stored event's frames: a message, its removal, a ticket that can be or was rated, a rated answer."""
    if shown := browser_event(event, links):
        return [{"type": "event"} | shown.to_data()]
    if isinstance(event.facts, RemovalFacts):
        return [{"type": "removed", "of": event.facts.of, "by": event.facts.by, "at": event.at}]
    if isinstance(event.facts, RatingFacts):
        return [{"type": "feedback", "ticket": event.facts.ticket, "given": True}]
    if isinstance(event.facts, AnswerRatingFacts):
        rated = event.facts
        return [{"type": "rated", "answer": rated.answer, "useful": rated.useful, "reason": rated.reason}]
    if event.kind is EventKind.TICKET_CLOSED and event.ticket and event.ticket.outcome not in NOBODY_ATTENDED:
        return [{"type": "feedback", "ticket": event.ticket.ticket, "given": False}]
    return []


def _signal(event: Event) -> list[dict[str, Any]]:
    """Returns the frame of a live signal (queue position, or staff typing or read) in a list; [] for other signals."""
    of_staff = event.author is Author.STAFF and event.kind in {EventKind.TYPING, EventKind.READ}
    if event.kind is EventKind.PLACE or of_staff:
        return [{"type": event.kind.value} | event.facts.to_data()]
    return []
