"""Tests which of citizens' texts are proposed to the editors of an entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.faq.entries.folder import load_folder
from bot.learning.backlog.reading import MAX_WORDS, usable
from bot.learning.proposals import Proposal, proposals
from tests.faq_files import write_folder


@pytest.fixture
def taken(tmp_path: Path) -> list[str]:
    entries = load_folder(write_folder(tmp_path), None).entries
    return [text for entry in entries for text in entry.utterances]


def test_citizens_who_wrote_the_same_are_counted_and_the_first_is_quoted(taken: list[str]) -> None:
    said = [("se hundió la calzada", "two"), ("Se hundió la calzada!", "one"), ("se hundio la calzada", "two")]
    found = proposals([("hay un cráter", "one"), *said], taken)
    assert found == [Proposal("se hundió la calzada", 2), Proposal("hay un cráter", 1)]


def test_nothing_is_proposed_that_an_entry_already_has(taken: list[str]) -> None:
    assert proposals([(taken[0], "one")], taken) == []


@pytest.mark.parametrize(
    "text",
    ["", "hoyo", "mi fono es 9 8765 4321", "soy ana@correo.cl y hay un hoyo", "12.345.678-5", "a•••@correo.cl dijo"],
)
def test_single_words_and_what_could_name_somebody_are_left_out(text: str) -> None:
    assert not usable(text)


def test_long_text_is_left_out() -> None:
    assert usable("hoyo " * MAX_WORDS)
    assert not usable("hoyo " * (MAX_WORDS + 1))
