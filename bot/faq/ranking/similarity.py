"""Measures the similarity of utterances of different groups (entries), by meaning and by content terms.

The similarity of two utterances is the sum of two parts. The first is the weighted similarity of their meanings,
relative to the usual similarity between an utterance and its nearest neighbor in its group. The second is the share of
content terms that both contain, where rare terms have a larger weight. Meaning alone confuses *actualizo mi registro*
with *me inscribo en el registro*; terms alone miss the intention. Rows are compared in blocks, so that memory grows
with the number of utterances, not with its square.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bot.faq.ranking.coefficients import tuned

ROWS_A_BLOCK = 512
Floats = NDArray[np.float32]
EntryIndices = NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """The indices of an utterance and of the most similar earlier utterance of another group, and their similarity."""

    later: int
    earlier: int
    similarity: float


class Similarity:
    """The similarities of utterances, which must be sorted by group number; the numbers are 0, 1, 2... in sequence."""

    def __init__(self, dense: Floats, about: Sequence[frozenset[str]], group_of: EntryIndices) -> None:
        """Takes the unit vectors (``dense``), content terms (``about``) and group numbers of the utterances."""
        self._dense, self.group_of, self._numbers = dense, group_of, tuned().similarity
        groups = int(group_of.max(initial=-1)) + 1
        self._bounds = np.searchsorted(group_of, np.arange(groups + 1))
        self._term_rows = _weighed(about, group_of)
        self._weights = np.asarray(self._term_rows.multiply(self._term_rows).sum(axis=1), dtype=np.float32).ravel()
        self._unit = self._usual_nearness()

    def pairs(self, *, least: float, least_shared: float) -> list[Pair]:
        """Returns each utterance together with the most similar earlier utterance of another group.

        Only pairs with at least the similarity ``least`` and the share ``least_shared`` of common terms are considered.
        """
        found: list[Pair] = []
        for rows in self._blocks():
            both, shared = self._compared(rows)
            before = np.arange(both.shape[1])[None, :] < self._bounds[self.group_of[rows]][:, None]
            both[~before | (shared < least_shared)] = -1
            nearest = both.argmax(axis=1)
            for row, other in zip(range(rows.start, rows.stop), nearest, strict=True):
                if (value := float(both[row - rows.start, other])) >= least:
                    found.append(Pair(row, int(other), value))
        return found

    def to_groups(self) -> tuple[Floats, Floats]:
        """Returns the similarities of the utterances to the groups, in two arrays.

        The first array contains the similarity to the nearest utterance of a group, the second the mean over its
        nearest few. Both have a row per utterance and a column per group, with NaN if the group has no other utterance.
        """
        nearest = np.full((len(self.group_of), len(self._bounds) - 1), np.nan, np.float32)
        few = nearest.copy()
        for rows in self._blocks():
            both, _ = self._compared(rows)
            itself = np.arange(rows.start, rows.stop)
            both[np.arange(len(both)), itself] = -np.inf
            for group, (start, stop) in enumerate(zip(self._bounds[:-1], self._bounds[1:], strict=True)):
                nearest[rows, group], few[rows, group] = _best(both[:, start:stop], self._numbers.few)
        return nearest, few

    def _usual_nearness(self) -> float:
        nearest: list[float] = []
        for start, stop in zip(self._bounds[:-1], self._bounds[1:], strict=True):
            own = self._dense[start:stop] @ self._dense[start:stop].T
            np.fill_diagonal(own, -np.inf)
            nearest += own.max(axis=1).tolist() if stop - start > 1 else []
        if not nearest:
            return self._numbers.usual_nearness
        return max(float(np.mean(nearest)), self._numbers.minimum_nearness)

    def _blocks(self) -> list[slice]:
        rows = len(self.group_of)
        return [slice(start, min(start + ROWS_A_BLOCK, rows)) for start in range(0, rows, ROWS_A_BLOCK)]

    def _compared(self, rows: slice) -> tuple[Floats, Floats]:
        """Returns the similarities of ``rows`` to all utterances, and the shares of content terms that both contain."""
        common: Floats = (self._term_rows[rows] @ self._term_rows.T).toarray()
        either = self._weights[rows, None] + self._weights[None, :] - common
        shared: Floats = common / np.maximum(either, 1e-6)
        meaning = self._dense[rows] @ self._dense.T
        both: Floats = (np.float32(self._numbers.meaning_weight / self._unit) * meaning + shared).astype(np.float32)
        return both, shared


def _best(similarity: Floats, most: int) -> tuple[Floats, Floats]:
    """Returns the maximum of each row, and the mean of its ``most`` largest values; ignores -inf.

    Both are NaN for a row in which all values are -inf.
    """
    few = min(most, similarity.shape[1])
    top = np.partition(similarity, -few, axis=1)[:, -few:]
    known = np.isfinite(top)
    count = known.sum(axis=1)
    mean = np.where(count, np.where(known, top, 0).sum(axis=1) / np.maximum(count, 1), np.nan)
    return np.where(count, top.max(axis=1), np.nan).astype(np.float32), mean.astype(np.float32)


def _weighed(about: Sequence[frozenset[str]], group_of: EntryIndices) -> scipy.sparse.csr_matrix:
    """Returns a row per utterance and a column per term; the product of two rows is the weight of their common terms.

    A term that fewer groups use has a larger weight.
    """
    groups_of: dict[str, set[int]] = {}
    for words, group in zip(about, group_of.tolist(), strict=True):
        for word in words:
            groups_of.setdefault(word, set()).add(group)
    column = {word: number for number, word in enumerate(groups_of)}
    groups = int(group_of.max(initial=-1)) + 1
    weight = {word: np.sqrt(np.log((groups + 1) / (len(its_groups) + 0.5))) for word, its_groups in groups_of.items()}
    cells = [(row, column[word], weight[word]) for row, words in enumerate(about) for word in sorted(words)]
    rows, columns, values = zip(*cells, strict=True) if cells else ((), (), ())
    shape = (len(about), max(len(column), 1))
    return scipy.sparse.csr_matrix((np.array(values, np.float32), (rows, columns)), shape=shape)
