"""Tests the reader of event-log entries: what is decrypted again, and what is kept in memory."""

from __future__ import annotations

from typing import Any

from bot.conversation.event_log_entry import KEPT_EVENTS, EventReader
from bot.text.brief import forget_texts

FIELDS = {"kind": "message", "author": "citizen", "text": "hola", "data": "{}", "at": "1"}
ROW = ("1-0", FIELDS)


class CountingWords:
    """Counts the entries that are decrypted; the texts of ``locked`` ones cannot be."""

    opened = 0
    locked = False

    def opened_for_people(self, _conversation: str, row: Any) -> Any:
        self.opened += 1
        return (row[0], row[1] | {"text": ""}) if self.locked else row


def reader(conversations: int = 10) -> tuple[EventReader, CountingWords]:
    words = CountingWords()
    return EventReader(words, conversations), words  # type: ignore[arg-type]


def test_an_entry_is_decrypted_once() -> None:
    read, words = reader()
    first, again = (read.read("c", [ROW])[0] for _ in range(2))
    assert (first.text, again, words.opened) == ("hola", first, 1)


def test_an_entry_whose_words_were_removed_is_read_anew() -> None:
    read, words = reader()
    read.read("c", [ROW])
    now = read.read("c", [("1-0", FIELDS | {"text": ""})])
    assert ([one.text for one in now], words.opened) == ([""], 2)


def test_an_entry_that_could_not_be_decrypted_is_tried_again() -> None:
    read, words = reader()
    words.locked = True
    assert read.read("c", [ROW])[0].text == ""
    words.locked = False
    assert read.read("c", [ROW])[0].text == "hola"


def test_entries_of_two_conversations_may_have_the_same_id() -> None:
    read, words = reader()
    found = [read.read(name, [ROW])[0].conversation for name in ("c", "d")]
    assert (found, words.opened) == (["c", "d"], 2)


def test_what_is_kept_is_forgotten_like_other_texts_in_memory() -> None:
    read, words = reader()
    read.read("c", [ROW])
    forget_texts()
    read.read("c", [ROW])
    assert words.opened == 2


def test_only_the_newest_entries_of_the_newest_conversations_are_kept() -> None:
    read, words = reader(conversations=2)
    rows = [(f"{number}-0", FIELDS) for number in range(KEPT_EVENTS + 1)]
    for _ in range(2):
        read.read("c", rows)
    assert words.opened == len(rows) + 1
    for name in ("d", "e", "c"):
        read.read(name, [ROW])
    assert words.opened == len(rows) + 4
