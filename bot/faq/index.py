"""Scores a message against every entry; made anew at each publish from the entries' wordings.

Called by ``answerer`` for messages and by ``calibration`` for wordings that are left out. Entries and themes of talk
are classes of one regularised least-squares classifier over the likeness of texts (kernel ridge regression). Its
solution is a formula, and so is the score of a wording, or of a whole topic's wordings, as if they had never been
there: that is what makes publishing take a moment and confidence honest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.faq.entry import Entry
from bot.faq.space import Rows, TextSpace

REGULARISATION = 1.0
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
        texts = [(wording, entry) for entry in entries for wording in entry.wordings]
        place = {name: number for number, name in enumerate(self.ids)}
        self.entry_of: Places = np.array([place[entry.id] for _, entry in texts], dtype=np.int64)
        topics = {entry.topic: number for number, entry in enumerate(entries)}
        self.topic_of: Places = np.array([topics[entry.topic] for _, entry in texts], dtype=np.int64)
        self.wordings: Rows = space.rows([wording for wording, _ in texts])
        self._order = np.argsort(self.entry_of, kind="stable")
        self._starts = np.searchsorted(self.entry_of[self._order], np.arange(len(self.ids)))
        self._solve()

    def _solve(self) -> None:
        self._all = self.wordings + self._space.themes
        self.class_of: Places = np.concatenate([self.entry_of, len(self.ids) + self._space.theme_of])
        classes = int(self.class_of.max(initial=-1)) + 1
        self._target = np.eye(classes)[self.class_of]
        ridge = self._all.likeness(self._all) + REGULARISATION * np.eye(len(self._all))
        self._inverse = np.linalg.inv(ridge)
        self._weights = self._inverse @ self._target

    def evidence(self, messages: Rows) -> Evidence:
        """Of messages that are not among the wordings."""
        scores = messages.likeness(self._all) @ self._weights
        meaning = self._nearest(messages.dense @ self.wordings.dense.T)
        return Evidence(scores, meaning, self.elsewhere(messages))

    def elsewhere(self, messages: Rows, *, left_out: NDArray[np.bool_] | None = None) -> Scores:
        """Likeness by meaning of the nearest wording of another matter, not counting those ``left_out``."""
        likeness = messages.dense @ self._space.matters.dense.T
        if left_out is not None:
            likeness = np.where(left_out, -1, likeness)
        nearest: Scores = likeness.max(axis=1, initial=0).astype(np.float64)
        return nearest

    def without(self, groups: Places, *, and_class: bool) -> Evidence:
        """Of every wording and theme phrase when all of its group were left out: ``groups`` has a number for each;
        ``and_class`` also takes the group's classes away, as if nobody had written those entries.
        """
        scores = np.empty_like(self._target)
        for group in np.unique(groups):
            rows = np.flatnonzero(groups == group)
            inside = self._inverse[np.ix_(rows, rows)]
            scores[rows] = self._target[rows] - np.linalg.solve(inside, self._weights[rows])
            if and_class:
                scores[np.ix_(rows, np.unique(self.class_of[rows]))] = 0
        likeness = self._all.dense @ self.wordings.dense.T
        likeness[groups[:, None] == groups[None, : len(self.wordings)]] = -1
        return Evidence(scores, self._nearest(likeness), self.elsewhere(self._all))

    def _nearest(self, likeness: NDArray[np.floating]) -> Scores:
        """Per entry the greatest of its wordings' likenesses."""
        if not self.ids:
            return np.zeros((len(likeness), 0))
        nearest: Scores = np.maximum.reduceat(likeness[:, self._order], self._starts, axis=1).astype(np.float64)
        return nearest
