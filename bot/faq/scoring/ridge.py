"""Fits a ridge regression from vectors to classes, and scores texts as if some of the texts had been left out.

The fit computes one inverse matrix. From it, a formula derives the scores that a fit without some texts would give, so
no second fit is needed and reloads remain quick.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.faq.scoring.matrix import products

SMALL_GROUP = 100  # group size up to which correcting the inverse is faster than solving again
Scores = NDArray[np.float32]
EntryIndices = NDArray[np.int64]


class Ridge:
    """A ridge regression with a score for every class.

    Row k of ``sums`` is the weighted sum of class k's vectors, row k of ``totals`` their sum.
    """

    def __init__(self, dense: Scores, class_of: EntryIndices, weight: Scores, regularisation: float) -> None:
        """Fits the regression to ``dense``, which has a row per text.

        ``class_of`` must contain the class numbers 0, 1, 2... in ascending order, skipping none.
        """
        self._dense, self._class_of, self._weight = dense, class_of, weight
        # Most texts have weight 1, so what the others weigh less is subtracted: no copy of all vectors is made.
        light = np.flatnonzero(weight != 1)
        excess = dense[light] * (1 - weight[light])[:, None]
        gram = dense.T @ dense  # symmetric, so BLAS computes only one half
        gram -= excess.T @ dense[light]
        self._gram = gram.astype(np.float64) + regularisation * np.eye(dense.shape[1])
        self.inverse: Scores = np.linalg.inv(self._gram).astype(np.float32)
        starts = np.searchsorted(class_of, np.arange(class_of[-1] + 1 if len(class_of) else 0))
        totals = np.add.reduceat(dense, starts, axis=0) if len(dense) else np.zeros((0, dense.shape[1]))
        self.totals: Scores = totals.astype(np.float32, copy=False)
        self.sums: Scores = self.totals.copy()
        np.subtract.at(self.sums, class_of[light], excess)
        self.coefficients: Scores = (self.sums @ self.inverse).T

    def scores(self, messages: Scores) -> Scores:
        """Returns the scores of messages that are not among the fitted texts: a row per message, a column per class."""
        return products(messages, self.coefficients.T)

    def without_each(self, chosen: EntryIndices) -> Scores:
        """Returns a row of scores for each text at the indices ``chosen``, as if that text had not been fitted."""
        messages = self._dense[chosen]
        share = ((messages @ self.inverse) * messages).sum(axis=1) * self._weight[chosen]
        scores = self.scores(messages)
        scores[np.arange(len(chosen)), self._class_of[chosen]] -= share
        left_out: Scores = scores / (1 - share)[:, None]
        return left_out

    def without_groups(self, messages: Sequence[Scores], groups: Sequence[EntryIndices]) -> Scores:
        """Returns, for each k, the scores of ``messages[k]`` as if the texts at ``groups[k]`` had not been fitted.

        The classes of those texts get the score 0. The result has a row per message, for all k in order.
        """
        pairs = list(zip(messages, groups, strict=True))
        scores: Scores = (
            np.concatenate([self._times_inverse_without(some, group) for some, group in pairs]) @ self.sums.T
        )
        excluded = (group for some, group in pairs for _ in some)
        for row, group in zip(scores, excluded, strict=True):
            row[self._class_of[group]] = 0
        return scores

    def _times_inverse_without(self, messages: Scores, group: EntryIndices) -> Scores:
        """Returns ``messages`` times the inverse matrix that a fit without the texts at ``group`` would have.

        Uses the faster method: corrects the inverse for a small group, solves the equations again for a large one.
        """
        product: Scores = messages @ self.inverse
        if not len(group):
            return product
        rows, weight = self._dense[group], self._weight[group][:, None]
        if len(group) > SMALL_GROUP:
            return np.linalg.solve(self._gram - (rows * weight).T @ rows, messages.T).T.astype(np.float32)
        spread = rows @ self.inverse
        inner = np.eye(len(group), dtype=np.float32) - weight * (spread @ rows.T)
        product += (np.linalg.solve(inner, weight * spread @ messages.T)).T @ spread
        return product
