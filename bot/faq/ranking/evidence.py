"""Defines the scores of messages against the classes of an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from bot.faq.scoring.ridge import Scores


@dataclass(frozen=True)
class Evidence:
    """The scores of messages: a row per message, a column per class, in the order of the index's classes.

    ``scores`` are those of the classifier. ``shares`` are shares of the similarity to all texts; each row sums to 1.
    ``nearest`` and ``centroid`` are the similarities, by meaning, to the class's nearest text and to its centroid.
    ``unusual`` is a single column, the score of unusual requests. The others have a column per entry: ``entries_only``
    contains the scores of the entries-only classifier; ``missed_weight``, ``missed_share``, ``unknown`` (a single
    column) and ``said`` are those of ``TermScores``; ``nearest_without_mean`` and ``centroid_without_mean`` are the
    similarities to the entry's nearest text and to its centroid after removing the mean of the agency's vectors.
    """

    scores: Scores
    shares: Scores
    nearest: Scores
    centroid: Scores
    entries_only: Scores
    nearest_without_mean: Scores
    centroid_without_mean: Scores
    missed_weight: Scores
    missed_share: Scores
    unknown: Scores
    said: Scores
    unusual: Scores

    @classmethod
    def stacked(cls, parts: Sequence[Evidence]) -> Evidence:
        """Concatenates the rows of all parts."""
        columns = zip(*([getattr(part, one.name) for one in fields(cls)] for part in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))

    def row(self, number: int) -> Evidence:
        """Returns the evidence for one message."""
        return Evidence(*(getattr(self, one.name)[number : number + 1] for one in fields(self)))
