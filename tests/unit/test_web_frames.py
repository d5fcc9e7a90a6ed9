"""Tests the frames that a citizen's page gets for an event: messages, speaker, nothing internal to staff."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.formatting.shown_event import Links
from bot.channels.web.frames import frames_of, past_frames_of
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.core.events import MEANINGS, Event
from bot.core.messages import Author
from tests.rows import each_row

LINKS = Links(FileLinks(Addresses("s" * 40)))
# Fields of every ticket change; kinds without them ignore them.
WHOLE = {"ticket": "7", "reason": "complaint", "priority": "normal", "team": "atencion", "opened_at": 1}


def event(kind: str, author: Author = Author.SYSTEM, id: str = "1-0", **data: Any) -> Event:
    line = {"id": id, "conversation": "c", "kind": kind, "author": author, "text": "hola", "at": 5}
    return Event.from_data(line | {"data": WHOLE | data})


def told(kind: str, author: Author = Author.SYSTEM, **data: Any) -> list[dict[str, Any]]:
    return frames_of(event(kind, author, **data), LINKS)


def test_message_is_shown_and_changes_no_speaker() -> None:
    (frame,) = told("message", Author.ASSISTANT)
    assert (frame["type"], frame["id"], frame["author"], frame["text"]) == ("event", "1-0", "assistant", "hola")


@each_row("kind", sorted(kind for kind, meaning in MEANINGS.items() if meaning.staff_only))
def test_staff_content_is_never_sent(kind: str) -> None:
    assert told(kind, Author.STAFF, text="secret", owner_name="Ana") == []


@pytest.mark.parametrize("kind", ["ticket_snoozed", "ticket_woken", "ticket_moved", "delivery", "blocked", "what"])
def test_internal_staff_events_are_not_sent(kind: str) -> None:
    assert told(kind, owner_name="Ana") == []


@pytest.mark.parametrize("kind", sorted(kind for kind, meaning in MEANINGS.items() if meaning.speaker_after))
def test_ticket_change_sends_no_speaker_since_it_may_be_a_callback(kind: str) -> None:
    assert [frame for frame in told(kind, owner_name="Ana") if frame["type"] == "speaker"] == []


def test_ended_support_session_may_be_rated() -> None:
    assert told("ticket_closed", outcome="solved") == [{"type": "feedback", "ticket": "7", "given": False}]


@pytest.mark.parametrize("outcome", ["replaced", "revoked", "not_reached", "wrong_contact"])
def test_unattended_ticket_is_not_rated(outcome: str) -> None:
    assert past_frames_of(event("ticket_closed", ticket="7", outcome=outcome), LINKS) == []


def test_given_rating_is_sent_as_given() -> None:
    assert told("opinion", Author.CITIZEN, ticket="7", score=5) == [{"type": "feedback", "ticket": "7", "given": True}]


def test_history_sends_no_speaker_changes() -> None:
    assert past_frames_of(event("ticket_claimed", owner_name="Ana"), LINKS) == []


@pytest.mark.parametrize(
    ("kind", "author", "data", "shown"),
    [
        ("place", Author.SYSTEM, {"place": 3, "waiting": 5}, True),
        ("typing", Author.STAFF, {"name": "Ana"}, True),
        ("read", Author.STAFF, {"event_id": "5-0"}, True),
        ("typing", Author.CITIZEN, {"name": ""}, False),
        ("read", Author.CITIZEN, {"event_id": "5-0"}, False),
        ("message", Author.STAFF, {}, False),
    ],
)
def test_live_signals_of_staff_only_are_sent(kind: str, author: Author, data: dict[str, Any], shown: bool) -> None:
    frames = frames_of(event(kind, author, id="", **data), LINKS)
    assert frames == ([{"type": kind} | data] if shown else [])
