"""Tests what becomes of an entry's texts, given an answerer's decisions: audiences, last day, many texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bot.core.messages import Candidate
from bot.faq.answering.decision import Decision
from bot.faq.answering.left_out import MOST_OWN
from bot.faq.entries.audience import Ask
from bot.faq.entries.entry import Entry
from bot.faq.entries.reading import read
from bot.faq.publishing import reach as measured
from bot.faq.publishing.reach import Found, Reached, reach
from tests.faq_files import QUESTIONS, agency, written

TODAY = date(2026, 11, 24)


def entry_of(id: str) -> Entry:
    question, *variants = QUESTIONS[id]
    teams = tuple(agency().teams.items())
    entry = read(f"calle/{id}.md", written(id, question, variants).encode(), teams, None).entry
    assert entry is not None
    return entry


HOLE, CHIP = entry_of("bache"), entry_of("chip")
CHOICES = (Candidate("chip", CHIP.question, 0.6), Candidate("bache", HOLE.question, 0.3))


@dataclass(frozen=True)
class Texts:
    """The index of some files; each text is likeliest the entry's that has it, as if it were in the index."""

    entries: tuple[Entry, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.id for one in self.entries))

    @property
    def written(self) -> list[tuple[str, str]]:
        """Returns each text with its entry's id; texts that an id has twice, once."""
        return list(dict.fromkeys((one.id, text) for one in self.entries for text in one.utterances))

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.written]

    @property
    def utterances(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.arange(len(self.texts))

    @property
    def class_of(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.array([self.ids.index(id) for id, _ in self.written])

    def without_each(self, chosen: Any) -> Any:
        return self.class_of[chosen]


@pytest.fixture(autouse=True)
def _ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranks each text's own entry alone, with certainty."""
    monkeypatch.setattr(measured, "likely", lambda classes, _: (classes[:, None], np.ones((len(classes), 1))))


def found(entry: Entry, *others: Entry, decided: Sequence[Decision] = ()) -> Found:
    """Judges an entry among ``others``, and a message for each decision."""
    answerer: Any = SimpleNamespace(
        ranked=(Texts((*others, entry)), SimpleNamespace(probabilities=lambda features: features)),
        thresholds=SimpleNamespace(answer=0.8, offer=0.3),
        subjects=frozenset(),
        agency=SimpleNamespace(max_choices=3, today=lambda: TODAY),
        entries=(entry, *others),
        read=lambda texts: texts,
        answers=lambda texts, today: list(decided),
    )
    return reach(answerer, entry, [f"mensaje {number}" for number in range(len(decided))])


def of_message(entry: Entry, decision: Decision) -> tuple[Reached, str]:
    (row,) = [one for one in found(entry, decided=[decision]).reach if not one.is_utterance]
    return row.reached, row.other


def test_entry_that_asks_for_whom_before_it_answers_is_the_one_that_answers() -> None:
    mine, other = (Ask(id, "segmento", ("adulto-mayor",)) for id in ("bache", "chip"))
    assert of_message(HOLE, Decision("clarify", CHOICES, asks=mine)) == (Reached.ANSWERED, "")
    assert of_message(HOLE, Decision("clarify", CHOICES, asks=other)) == (Reached.OTHER, "chip")
    assert of_message(HOLE, Decision("clarify", CHOICES, also=HOLE, asks=other)) == (Reached.ANSWERED, "")
    assert of_message(HOLE, Decision("clarify", CHOICES)) == (Reached.OFFERED, "chip")


def test_only_the_utterances_of_the_file_are_judged_not_those_for_other_audiences() -> None:
    special = replace(
        HOLE, variants=("soy mayor y me caí",), audience={"segmento": ("adulto-mayor",)}, path="calle/m.md"
    )
    assert [one.text for one in found(special, HOLE).reach] == list(special.utterances)
    assert [one.text for one in found(HOLE, special).reach if one.text in special.variants] == []


def test_utterances_above_the_most_that_are_judged_are_counted() -> None:
    many = replace(HOLE, variants=tuple(f"hoyo {number}" for number in range(MOST_OWN + 4)))
    result = found(many)
    assert (len(result.reach), result.utterances, result.is_expired) == (MOST_OWN, MOST_OWN + 5, False)


def test_expired_entry_answers_neither_its_utterances_nor_messages() -> None:
    expired = replace(HOLE, expires=date(2026, 11, 23))
    result = found(expired, decided=[Decision("handoff", CHOICES, expired), Decision("answer", CHOICES, CHIP)])
    states = [one.reached for one in result.reach]
    assert states == [Reached.EXPIRED] * (len(expired.utterances) + 1) + [Reached.OTHER]
    assert result.is_expired
    last_day = found(replace(HOLE, expires=TODAY), decided=[Decision("answer", CHOICES, HOLE)])
    assert {one.reached for one in last_day.reach} == {Reached.ANSWERED}
