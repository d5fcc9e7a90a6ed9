"""Measures how well an encoder finds the right entry, with utterances that were not used in tuning; needs no torch.

``ventanilla train --refine`` uses this to compare the current adapter with a new one. Tuning omits half of each entry's
utterances (material.py). Here, each omitted utterance is used as a message, scored as if it were not in the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.agency.model import Agency
from bot.evaluation.metrics import aurc
from bot.faq.entries.entry import Entry
from bot.faq.ranking.calibration import calibrate
from bot.faq.ranking.evidence import Evidence
from bot.faq.ranking.examples import NOBODY, some_of
from bot.faq.ranking.features import likely
from bot.faq.ranking.index import Index
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.scoring.ridge import EntryIndices

SEED, DRAWS = 1, 200
OUTSIDE_SHARE = 0.25  # unanswerable messages, and also chitchat ones, as a share of the answerable ones


def held_out(index: Index) -> EntryIndices:
    """Returns the indices of the utterances that ``material.training_half`` omits: every second one of each entry."""
    classes = index.class_of[index.utterances]
    rank = np.arange(len(classes)) - np.searchsorted(classes, classes)
    positions: EntryIndices = index.utterances[rank % 2 == 1]
    return positions


@dataclass(frozen=True)
class Trial:
    """The results of one encoder: for each message, the best entry's probability, and whether that entry is right.

    Two trials with the same entries have the same messages in the same order.
    """

    chances: NDArray[np.float64]
    right: NDArray[np.bool_]

    @property
    def risk(self) -> float:
        """Returns the area under the risk-coverage curve: 0 is perfect; 1 is returned if there are no messages."""
        found = aurc(self.chances, self.right)
        return 1.0 if found is None else found

    def better_than(self, other: Trial) -> float:
        """Returns the share of bootstrap resamples of the messages in which this risk is below that of ``other``."""
        if not len(self.chances):
            return 0.0
        random = np.random.default_rng(SEED)
        draws = random.integers(len(self.chances), size=(DRAWS, len(self.chances)))
        return float(np.mean([self._drawn(draw).risk < other._drawn(draw).risk for draw in draws]))

    def _drawn(self, draw: EntryIndices) -> Trial:
        return Trial(self.chances[draw], self.right[draw])


def trial(entries: Sequence[Entry], vectorizer: Vectorizer, agency: Agency) -> Trial:
    """Tests an encoder with three kinds of messages and returns the results.

    The messages are utterances not used in tuning, each removed from the index while it is tested; some of these again,
    with their whole topic removed, so that no entry answers them; and chitchat, with its whole theme removed.
    """
    index = Index(entries, vectorizer)
    calibration = calibrate(index, risk=agency.risk, choices=agency.max_choices)
    chances, right = [np.zeros(0)], [np.zeros(0, bool)]
    for evidence, expected in _messages(index):
        order, features = likely(evidence, index)
        probabilities = calibration.probabilities(features)
        best = probabilities.argmax(axis=1)
        rows = np.arange(len(best))
        chances.append(probabilities[rows, best])
        right.append(order[rows, best] == expected)
    return Trial(np.concatenate(chances), np.concatenate(right))


def _messages(index: Index) -> list[tuple[Evidence, EntryIndices]]:
    """Returns, for each kind of message, the evidence and the indices of the right entries (or NOBODY)."""
    random = np.random.default_rng(SEED)
    chosen = held_out(index)
    if not len(chosen):
        return []
    found = [(index.without_each(chosen), index.class_of[chosen])]
    few = max(int(len(chosen) * OUTSIDE_SHARE), 1)
    topics = np.unique(index.topic_of)
    if len(topics) > 1:
        groups = [np.flatnonzero(index.topic_of == topic) for topic in topics]
        found.append(_unanswered(index, some_of(chosen, few, random), groups))
    chitchat = np.flatnonzero(index.class_of >= index.themes.start)
    if len(chitchat):
        groups = [np.flatnonzero(index.class_of == theme) for theme in np.unique(index.class_of[chitchat])]
        found.append(_unanswered(index, some_of(chitchat, few, random), groups))
    return found


def _unanswered(index: Index, chosen: EntryIndices, groups: Sequence[EntryIndices]) -> tuple[Evidence, EntryIndices]:
    parts = [(np.intersect1d(chosen, group), group) for group in groups]
    parts = [(some, group) for some, group in parts if len(some)]
    evidence = index.without_groups([some for some, _ in parts], [group for _, group in parts])
    return evidence, np.full(sum(len(some) for some, _ in parts), NOBODY)
