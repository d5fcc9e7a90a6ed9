"""Tests the FAQ with its own utterances (leave-one-out): ranks each utterance as if the FAQ did not contain it.

The verifier does not read them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.faq.answering.answerer import Answerer
from bot.faq.answering.follow_up import names_no_procedure
from bot.faq.ranking.calibration import Calibration
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.features import likely
from bot.faq.ranking.index import Index

MOST_OWN, MOST_OTHERS = 100, 100  # maximum number of utterances per tested entry: its own, and those of others
MOST_ENTRIES = 10  # so that 500 new entries are judged in seconds


@dataclass(frozen=True)
class Test:
    """A test message, and the id of the entry that should answer it."""

    __test__ = False  # keeps pytest from collecting this class

    text: str
    entry: str


@dataclass(frozen=True)
class LeftOut:
    """The likeliest entry for an utterance that was left out of the index, with the entry's probability."""

    test: Test
    best: str
    chance: float


def is_answered(answerer: Answerer, text: str, id: str, chance: float) -> bool:
    """Returns whether the likeliest entry answers ``text``, an utterance that was left out, as it would a message.

    A text that names no procedure is answered with the opening hours at most.
    """
    if names_no_procedure(text, answerer.subjects):
        return id == answerer.agency.hours_entry and chance >= tuned().answerer.exact
    return chance >= answerer.thresholds.answer


def messages_of(index: Index, ids: Sequence[str]) -> list[Test]:
    """Returns utterances of the entries ``ids``, and the utterances of other entries that are closest in meaning.

    For n entries (at most MOST_ENTRIES count), returns at most n * MOST_OWN of their own utterances and
    n * MOST_OTHERS utterances of other entries.
    """
    wanted = [index.ids.index(id) for id in ids if id in index.ids]
    if not wanted:
        return []
    is_own, several = np.isin(index.class_of[index.utterances], wanted), min(len(wanted), MOST_ENTRIES)
    own, others = index.utterances[is_own], index.utterances[~is_own]
    near = (index.rows.dense[others] @ index.rows.dense[own].T).max(axis=1, initial=-1.0)
    chosen = [*own[: several * MOST_OWN], *others[np.argsort(-near, kind="stable")[: several * MOST_OTHERS]]]
    return [Test(index.texts[one], index.ids[index.class_of[one]]) for one in chosen]


def left_out(index: Index, calibration: Calibration, tests: Sequence[Test]) -> list[LeftOut]:
    """Returns the likeliest entry for each test, as if the index lacked its text; takes 0.2 s for 200 tests.

    Omits tests that are not utterances of the index.
    """
    written = {Test(index.texts[one], index.ids[index.class_of[one]]): one for one in index.utterances}
    known = [test for test in tests if test in written]
    if not known:
        return []
    order, features = likely(index.without_each(np.array([written[test] for test in known])), index)
    chances = calibration.probabilities(features)
    best = chances.argmax(axis=1)
    return [
        LeftOut(test, index.ids[order[row, one]], float(chances[row, one]))
        for row, (test, one) in enumerate(zip(known, best, strict=True))
    ]
