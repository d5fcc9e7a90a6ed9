"""What a citizen's page is told of an event: what was said, whose turn it is, and nothing that is the staff's."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.web.frames import SPEAKER_AFTER, past_of, told_of
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.core.messages import STAFF_ONLY, Author, Event, Speaker

LINKS = FileLinks(Addresses("s" * 40))


def event(kind: str, author: Author = Author.SYSTEM, id: str = "1-0", **data: Any) -> Event:
    return Event(id, "c", kind, author, "hola", data, 5)


def told(kind: str, author: Author = Author.SYSTEM, **data: Any) -> list[dict[str, Any]]:
    return told_of(event(kind, author, **data), LINKS)


def test_a_message_is_shown_and_changes_no_speaker() -> None:
    (frame,) = told("message", Author.ASSISTANT)
    assert (frame["type"], frame["id"], frame["author"], frame["text"]) == ("event", "1-0", "assistant", "hola")


@pytest.mark.parametrize("kind", sorted(STAFF_ONLY))
def test_what_is_the_staffs_is_never_told(kind: str) -> None:
    assert told(kind, Author.STAFF, text="secret", owner_name="Ana") == []


@pytest.mark.parametrize("kind", ["ticket_snoozed", "ticket_woken", "ticket_moved", "delivery", "blocked", "what"])
def test_what_the_staff_do_among_themselves_is_not_told(kind: str) -> None:
    assert told(kind, owner_name="Ana") == []


@pytest.mark.parametrize("kind", ["ticket_opened", "ticket_returned"])
def test_who_waits_is_told_so(kind: str) -> None:
    assert told(kind) == [{"type": "speaker", "speaker": Speaker.WAITING}]


def test_who_is_attended_is_told_by_whom() -> None:
    assert told("ticket_claimed", owner_name="Ana") == [{"type": "speaker", "speaker": Speaker.STAFF, "name": "Ana"}]


@pytest.mark.parametrize("kind", sorted(SPEAKER_AFTER))
def test_a_ticket_that_is_not_spoken_in_changes_no_turn(kind: str) -> None:
    speaker = "staff" if SPEAKER_AFTER[kind] is Speaker.ASSISTANT else "assistant"
    frames = told(kind, speaker=speaker, owner_name="Ana", ticket="7", outcome="solved")
    assert [frame for frame in frames if frame["type"] == "speaker"] == []


def test_an_attention_that_ended_may_be_judged_and_gives_the_turn_back() -> None:
    assert told("ticket_closed", ticket="7", outcome="solved") == [
        {"type": "feedback", "ticket": "7", "given": False},
        {"type": "speaker", "speaker": Speaker.ASSISTANT},
    ]


@pytest.mark.parametrize("outcome", ["replaced", "revoked", "not_reached", "wrong_contact"])
def test_where_nobody_attended_nothing_is_judged(outcome: str) -> None:
    assert past_of(event("ticket_closed", ticket="7", outcome=outcome), LINKS) == []


def test_a_judgement_that_was_given_is_told_as_given() -> None:
    assert told("opinion", Author.CITIZEN, ticket="7", score=5) == [{"type": "feedback", "ticket": "7", "given": True}]


def test_the_past_tells_no_turns_for_only_the_last_counts() -> None:
    assert past_of(event("ticket_claimed", owner_name="Ana"), LINKS) == []


@pytest.mark.parametrize(
    ("kind", "author", "shown"),
    [
        ("place", Author.SYSTEM, True),
        ("typing", Author.STAFF, True),
        ("read", Author.STAFF, True),
        ("typing", Author.CITIZEN, False),
        ("read", Author.CITIZEN, False),
        ("message", Author.STAFF, False),
    ],
)
def test_of_what_happens_meanwhile_only_the_staffs_doing_is_told(kind: str, author: Author, shown: bool) -> None:
    frames = told_of(event(kind, author, id="", place=3), LINKS)
    assert frames == ([{"type": kind, "place": 3}] if shown else [])
