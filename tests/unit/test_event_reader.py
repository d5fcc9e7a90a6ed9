"""Tests the reader of event-log entries: what is decrypted again, and what is kept in memory."""

from __future__ import annotations

from typing import Any

from bot.conversation.event_log_entry import KEPT_S, EventReader

ROW = ("1-0", {"kind": "message", "author": "citizen", "text": "hola", "data": "{}", "at": "1"})


class CountingWords:
    """Counts the entries that are decrypted."""

    opened = 0

    def opened_for_people(self, _conversation: str, row: Any) -> Any:
        self.opened += 1
        return row


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def reader(most: int = 10) -> tuple[EventReader, CountingWords, Clock]:
    words, clock = CountingWords(), Clock()
    return EventReader(words, most=most, clock=clock), words, clock  # type: ignore[arg-type]


def test_an_entry_is_decrypted_once() -> None:
    read, words, _ = reader()
    first, again = (read.read("c", [ROW])[0] for _ in range(2))
    assert (first.text, again, words.opened) == ("hola", first, 1)


def test_an_entry_whose_words_were_removed_is_read_anew() -> None:
    read, words, _ = reader()
    read.read("c", [ROW])
    now = read.read("c", [(ROW[0], ROW[1] | {"text": ""})])
    assert ([one.text for one in now], words.opened) == ([""], 2)


def test_entries_of_two_conversations_may_have_the_same_id() -> None:
    read, words, _ = reader()
    found = [read.read(name, [ROW])[0].conversation for name in ("c", "d")]
    assert (found, words.opened) == (["c", "d"], 2)


def test_an_entry_is_kept_for_a_minute_even_if_it_is_read_all_the_time() -> None:
    read, words, clock = reader()
    for _ in range(7):
        read.read("c", [ROW])
        clock.now += KEPT_S / 4
    assert words.opened == 2


def test_only_the_newest_entries_are_kept() -> None:
    read, words, _ = reader(most=2)
    rows = [(f"{number}-0", ROW[1]) for number in range(4)]
    read.read("c", rows)
    read.read("c", rows[2:])
    assert words.opened == 4
    read.read("c", rows[:2])
    assert words.opened == 6
