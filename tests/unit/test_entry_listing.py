"""Tests the search of the editors' list, and the state of an entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.desk.editing.listing import EntryState, Listed, found

DAY = date(2026, 11, 1)
ONE = Listed("1", "calle/a.md", "¿Dónde?", "calle", EntryState.CURRENT, 0, 0, 0, DAY, None, "", " donde hay hoyos")
TWO = replace(ONE, id="2", topic="aseo", state=EntryState.DRAFT, found_by=" poda de arboles")


@pytest.mark.parametrize(
    ("words", "topic", "state", "ids"),
    [
        ("", "", "", ["1", "2"]),
        ("HÓYO", "", "", ["1"]),
        ("hoyo dónde", "", "", ["1"]),
        ("oyo", "", "", []),
        ("", "aseo", "", ["2"]),
        ("", "", "draft", ["2"]),
        ("hoyo", "aseo", "", []),
    ],
)
def test_search_folds_and_finds_the_beginnings_of_words(words: str, topic: str, state: str, ids: list[str]) -> None:
    assert [one.id for one in found([ONE, TWO], words, topic, state)] == ids
