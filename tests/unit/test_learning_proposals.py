"""Which words of citizens are proposed to editors as utterances."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.messages import Candidate
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder
from bot.learning.offers import Offer
from bot.learning.proposals import MAX_WORDS, Proposal, proposals, usable
from tests.faq_files import write_folder

BACHE, LICENCIA = Candidate("bache", "¿Un hoyo?", 0.6), Candidate("licencia", "¿La licencia?", 0.3)
NOW = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.fixture
def entries(tmp_path: Path) -> tuple[Entry, ...]:
    return load_folder(write_folder(tmp_path), None).entries


def offer(question: str, chosen: Candidate | None = BACHE, conversation: str = "one", minutes: int = 0) -> Offer:
    return Offer(conversation, NOW + timedelta(minutes=minutes), question, (BACHE, LICENCIA), chosen)


def test_citizens_who_wrote_the_same_are_counted_and_the_first_is_quoted(entries: tuple[Entry, ...]) -> None:
    offers = [offer("Se hundió la calzada!", minutes=5), offer("se hundió la calzada", conversation="two")]
    again = offer("se hundio la calzada", conversation="two", minutes=9)
    other = offer("mi carnet de manejar", LICENCIA)
    found = proposals([other, *offers, again], entries)
    assert found == [Proposal("bache", "se hundió la calzada", 2), Proposal("licencia", "mi carnet de manejar", 1)]


def test_nothing_is_proposed_that_is_known_or_not_chosen(entries: tuple[Entry, ...]) -> None:
    known = entries[0].utterances[0]
    gone = Candidate("borrada", "¿?", 0.9)
    assert proposals([offer(known), offer("se hundió la calzada", None), offer("algo más", gone)], entries) == []


def test_private_conversation_proposes_nothing(entries: tuple[Entry, ...]) -> None:
    assert proposals([offer("se hundió la calzada")], entries, frozenset({"one"})) == []


@pytest.mark.parametrize(
    "text", ["", "hoyo", "mi fono es 9 8765 4321", "soy ana@correo.cl y hay un hoyo", "12.345.678-5"]
)
def test_single_words_and_what_could_name_somebody_are_left_out(text: str) -> None:
    assert not usable(text)


def test_long_text_is_left_out() -> None:
    assert usable("hoyo " * MAX_WORDS)
    assert not usable("hoyo " * (MAX_WORDS + 1))
