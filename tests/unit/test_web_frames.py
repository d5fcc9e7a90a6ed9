"""What a citizen's page is told of an event: what was said, whose turn it is, and nothing that is the staff's."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.web.frames import past_of, told_of
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.core.events import MEANINGS, Event
from bot.core.messages import Author

LINKS = FileLinks(Addresses("s" * 40))
WHOLE = {"ticket": "7", "reason": "complaint", "priority": "normal", "team": "atencion", "opened_at": 1}
"""What every change of a ticket has; kinds that do not know it leave it out."""


def event(kind: str, author: Author = Author.SYSTEM, id: str = "1-0", **data: Any) -> Event:
    line = {"id": id, "conversation": "c", "kind": kind, "author": author, "text": "hola", "at": 5}
    return Event.from_data(line | {"data": WHOLE | data})


def told(kind: str, author: Author = Author.SYSTEM, **data: Any) -> list[dict[str, Any]]:
    return told_of(event(kind, author, **data), LINKS)


def test_a_message_is_shown_and_changes_no_speaker() -> None:
    (frame,) = told("message", Author.ASSISTANT)
    assert (frame["type"], frame["id"], frame["author"], frame["text"]) == ("event", "1-0", "assistant", "hola")


@pytest.mark.parametrize("kind", sorted(kind for kind, meaning in MEANINGS.items() if meaning.staff_only))
def test_what_is_the_staffs_is_never_told(kind: str) -> None:
    assert told(kind, Author.STAFF, text="secret", owner_name="Ana") == []


@pytest.mark.parametrize("kind", ["ticket_snoozed", "ticket_woken", "ticket_moved", "delivery", "blocked", "what"])
def test_what_the_staff_do_among_themselves_is_not_told(kind: str) -> None:
    assert told(kind, owner_name="Ana") == []


@pytest.mark.parametrize("kind", sorted(kind for kind, meaning in MEANINGS.items() if meaning.speaker_after))
def test_a_change_of_a_ticket_tells_no_turn_for_it_may_be_of_a_callback(kind: str) -> None:
    assert [frame for frame in told(kind, owner_name="Ana") if frame["type"] == "speaker"] == []


def test_a_support_session_that_ended_may_be_rated() -> None:
    assert told("ticket_closed", outcome="solved") == [{"type": "feedback", "ticket": "7", "given": False}]


@pytest.mark.parametrize("outcome", ["replaced", "revoked", "not_reached", "wrong_contact"])
def test_where_nobody_attended_nothing_is_judged(outcome: str) -> None:
    assert past_of(event("ticket_closed", ticket="7", outcome=outcome), LINKS) == []


def test_a_judgement_that_was_given_is_told_as_given() -> None:
    assert told("opinion", Author.CITIZEN, ticket="7", score=5) == [{"type": "feedback", "ticket": "7", "given": True}]


def test_the_past_tells_no_turns_for_only_the_last_counts() -> None:
    assert past_of(event("ticket_claimed", owner_name="Ana"), LINKS) == []


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
def test_of_what_happens_meanwhile_only_the_staffs_doing_is_told(
    kind: str, author: Author, data: dict[str, Any], shown: bool
) -> None:
    frames = told_of(event(kind, author, id="", **data), LINKS)
    assert frames == ([{"type": kind} | data] if shown else [])
