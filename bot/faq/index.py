"""Scores a message against every entry; made anew at each publish from the entries' wordings.

Called by ``answerer`` for messages and by ``calibration`` for wordings that are left out. Entries and themes of talk
are the classes, wordings and passages of answers the examples, of one regularised least-squares classifier over the
likeness of texts (kernel ridge regression). Its solution is a formula, and so is the score of a wording, or of a whole
topic's wordings, as if they had never been there: that is what makes publishing take a moment and confidence honest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from bot.faq.entry import Entry
from bot.faq.passages import passages
from bot.faq.space import Rows, TextSpace

REGULARISATION = 1.0
PASSAGE_REGULARISATION = 3.0
"""A passage of an answer says less about how citizens ask than a wording does."""
Scores = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Evidence:
    """What is known of messages, a row each: ``scores`` [message, class] with the entries' classes first, ``meaning``
    [message, entry] the nearest wording's likeness by meaning, ``elsewhere`` [message] the nearest matter's.
    """

    scores: Scores
    meaning: Scores
    elsewhere: Scores


class Index:
    """The entries' wordings and the classifier over them. Class k is the id ``ids[k]``; further classes are themes."""

    def __init__(self, entries: Sequence[Entry], space: TextSpace) -> None:
        self._space = space
        self.ids = tuple(dict.fromkeys(entry.id for entry in entries))
        topics = tuple(dict.fromkeys(entry.topic for entry in entries))
        said = [space.rows(entry.wordings) for entry in entries]
        written = [space.rows(passages(entry)) for entry in entries]
        self.entry_of = _numbered([entry.id for entry in entries], self.ids, said)
        self._passage_of = _numbered([entry.id for entry in entries], self.ids, written)
        self._topic_of = _numbered([entry.topic for entry in entries] * 2, topics, said + written)
        self.wordings = Rows.stacked([space.themes[:0], *said])
        self._all = Rows.stacked([self.wordings, *written, space.themes])
        self._order = np.argsort(self.entry_of, kind="stable")
        self._starts = np.searchsorted(self.entry_of[self._order], np.arange(len(self.ids)))
        self._solve()

    def _solve(self) -> None:
        self._class_of = np.concatenate([self.entry_of, self._passage_of, len(self.ids) + self._space.theme_of])
        self._target = np.eye(int(self._class_of.max(initial=-1)) + 1)[self._class_of]
        ridge = np.full(len(self._all), REGULARISATION)
        ridge[len(self.wordings) :][: len(self._passage_of)] = PASSAGE_REGULARISATION
        self._inverse = _inverse(self._all.likeness(self._all) + np.diag(ridge))
        self._weights = self._inverse @ self._target
        self._fitted = self._target - ridge[:, None] * self._weights

    def evidence(self, messages: Rows) -> Evidence:
        """Of messages that are not among the wordings."""
        scores = messages.likeness(self._all) @ self._weights
        meaning = self._nearest(messages.dense @ self.wordings.dense.T)
        return Evidence(scores, meaning, self._space.elsewhere(messages))

    def with_each(self) -> Evidence:
        """Of every wording as it stands among the others: the same as ``evidence(wordings)``, but known already."""
        rows = len(self.wordings)
        meaning = self._nearest(self.wordings.dense @ self.wordings.dense.T)
        return Evidence(self._fitted[:rows], meaning, self._space.elsewhere(self.wordings))

    def without_each(self) -> Evidence:
        """Of every wording as if it alone had been left out."""
        return self._without(np.arange(len(self._all)), and_class=False, rows=np.arange(len(self.wordings)))

    def without_topics(self) -> tuple[Evidence, Evidence]:
        """Of every wording as if nobody had written any entry of its topic, and of every phrase of everyday talk as if
        its theme were unknown.
        """
        topics = np.concatenate([self._topic_of, self._topic_of.max(initial=0) + 1 + self._space.theme_of])
        themes = np.arange(len(self._topic_of), len(self._all))
        written = self._without(topics, and_class=True, rows=np.arange(len(self.wordings)))
        return written, self._without(topics, and_class=True, rows=themes)

    def _without(self, groups: Places, *, and_class: bool, rows: Places) -> Evidence:
        """Of ``rows`` when the whole group of each is left out; ``and_class`` takes its classes away too."""
        scores = np.empty_like(self._target)
        for group in np.unique(groups[rows]):
            out = np.flatnonzero(groups == group)
            scores[out] = self._target[out] - np.linalg.solve(self._inverse[np.ix_(out, out)], self._weights[out])
            if and_class:
                scores[np.ix_(out, np.unique(self._class_of[out]))] = 0
        likeness = self._all.dense[rows] @ self.wordings.dense.T
        likeness[groups[rows, None] == groups[None, : len(self.wordings)]] = -1
        return Evidence(scores[rows], self._nearest(likeness), self._space.elsewhere(self._all[rows]))

    def _nearest(self, likeness: NDArray[np.floating]) -> Scores:
        """Per entry the greatest of its wordings' likenesses."""
        if not self.ids:
            return np.zeros((len(likeness), 0))
        nearest: Scores = np.maximum.reduceat(likeness[:, self._order], self._starts, axis=1).astype(np.float64)
        return nearest


def _inverse(matrix: Scores) -> Scores:
    """Of a symmetric positive definite matrix, by its Cholesky factor: half the work of a general inverse."""
    factor, _ = scipy.linalg.lapack.dpotrf(matrix, lower=True)
    lower: Scores = np.tril(scipy.linalg.lapack.dpotri(factor, lower=True)[0])
    return lower + np.tril(lower, -1).T


def _numbered(names: Sequence[str], among: tuple[str, ...], blocks: Sequence[Rows]) -> Places:
    """The place of each block's name, once for each of its rows."""
    places = {name: number for number, name in enumerate(among)}
    numbers = np.array([places[name] for name in names], dtype=np.int64)
    return np.repeat(numbers, [len(block) for block in blocks])
