"""Says how well an encoder tells entries apart, and them from everything else, on wordings that tuning was not taught.

Called by ``ventanilla train --refine`` for the adapter in force and for a new one; needs no torch. Half of each entry's
wordings was left out of the teaching (material.py); each of them is here a message that the index has not seen either.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.agency import Agency
from bot.evaluation.metrics import aurc
from bot.faq.calibration import NOBODY, calibrate, likely
from bot.faq.entry import Entry
from bot.faq.index import Evidence, Index, Places
from bot.faq.space import TextSpace

SEED = 1
OUTSIDE_SHARE = 0.25
"""How many messages of unwritten topics, and of everyday talk, there are for each that an entry answers."""


def untaught(index: Index) -> Places:
    """Places of the wordings that ``material.taught`` leaves out: every second of each entry, from its second."""
    classes = index.class_of[index.wordings]
    rank = np.arange(len(classes)) - np.searchsorted(classes, classes)
    places: Places = index.wordings[rank % 2 == 1]
    return places


def risk(entries: Sequence[Entry], space: TextSpace, agency: Agency) -> float:
    """Area under the risk-coverage curve (0 is perfect) over untaught wordings with each left out, others with their
    whole topic left out, and everyday talk with its theme left out; no entry answers the last two. 1 when there is
    nothing to measure.
    """
    if not entries:
        return 1.0
    index = Index(entries, space)
    calibration = calibrate(index, risk=agency.risk, choices=agency.max_choices)
    chances, right = [], []
    for evidence, wanted in _messages(index):
        order, features = likely(evidence, index)
        probabilities = calibration.probabilities(features)
        best = probabilities.argmax(axis=1)
        rows = np.arange(len(best))
        chances.append(probabilities[rows, best])
        right.append(order[rows, best] == wanted)
    found = aurc(np.concatenate(chances), np.concatenate(right)) if chances else None
    return 1.0 if found is None else found


def _messages(index: Index) -> list[tuple[Evidence, Places]]:
    """Messages and the number of the entry that answers each."""
    random = np.random.default_rng(SEED)
    chosen = untaught(index)
    if not len(chosen):
        return []
    found = [(index.without_each(chosen), index.class_of[chosen])]
    few = max(int(len(chosen) * OUTSIDE_SHARE), 1)
    topics = np.unique(index.topic_of)
    if len(topics) > 1:
        groups = [np.flatnonzero(index.topic_of == topic) for topic in topics]
        found.append(_unanswered(index, _some(chosen, few, random), groups))
    talk = np.flatnonzero(index.class_of >= len(index.ids) + len(index.matters))
    if len(talk):
        groups = [np.flatnonzero(index.class_of == theme) for theme in np.unique(index.class_of[talk])]
        found.append(_unanswered(index, _some(talk, few, random), groups))
    return found


def _some(places: Places, most: int, random: np.random.Generator) -> Places:
    return places if len(places) <= most else np.sort(random.choice(places, most, replace=False))


def _unanswered(index: Index, chosen: Places, groups: Sequence[Places]) -> tuple[Evidence, Places]:
    parts = [(np.intersect1d(chosen, group), group) for group in groups]
    parts = [(some, group) for some, group in parts if len(some)]
    evidence = index.without_groups([some for some, _ in parts], [group for _, group in parts])
    return evidence, np.full(sum(len(some) for some, _ in parts), NOBODY)
