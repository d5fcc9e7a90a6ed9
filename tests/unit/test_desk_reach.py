"""Tests which events of a conversation an agent may read, by their time."""

from __future__ import annotations

import pytest

from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.desk.queries.reach import Episode, Readable

EVENTS = [Event(f"{at}-0", "c", EventKind.MESSAGE, Author.CITIZEN, str(at), at=at) for at in (10, 20, 30, 40)]


@pytest.mark.parametrize(
    ("readable", "texts"),
    [
        (Readable(everything=True), ["10", "20", "30", "40"]),
        (Readable(everything=False), []),
        (Readable(everything=False, episodes=(Episode(0, 20),)), ["10", "20"]),
        (Readable(everything=False, episodes=(Episode(20, None),)), ["30", "40"]),
        (Readable(everything=False, episodes=(Episode(0, 10), Episode(30, 40))), ["10", "40"]),
    ],
)
def test_episode_begins_after_the_ticket_before_it_and_includes_its_end(readable: Readable, texts: list[str]) -> None:
    assert [event.text for event in readable.of(EVENTS)] == texts
