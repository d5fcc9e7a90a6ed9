"""How much wordings of different groups say the same, by meaning and by what they are about. Called by ``conflicts``.

Two wordings resemble each other by half of how near their meanings are, where 1 is as near as a wording usually is to
the nearest of its own group, plus the share of what they are about that both say, where rare words weigh more. Meaning
alone takes *actualizo mi registro* and *me inscribo en el registro* for the same; words alone miss how it is meant.
The rows are compared in blocks, so that memory grows with the wordings and not with their square.
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
    """A wording, the nearest one before it in another group, and how much they resemble each other."""

    later: int
    earlier: int
    similarity: float


class Similarity:
    """Compares wordings. Those of a group stand together, groups in the order of their numbers 0, 1, ..."""

    def __init__(self, dense: Floats, about: Sequence[frozenset[str]], group_of: EntryIndices) -> None:
        """``dense`` has a row of length 1 for each wording, ``about`` its essence."""
        self._dense, self.group_of, self._numbers = dense, group_of, tuned().similarity
        groups = int(group_of.max(initial=-1)) + 1
        self._bounds = np.searchsorted(group_of, np.arange(groups + 1))
        self._said = _weighed(about, group_of)
        self._weights = np.asarray(self._said.multiply(self._said).sum(axis=1), dtype=np.float32).ravel()
        self._unit = self._usual_nearness()

    def pairs(self, *, least: float, least_shared: float) -> list[Pair]:
        """For each wording the one before it, in another group, that it resembles most, when that is at least ``least``
        and at least ``least_shared`` of what they are about is the same.
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
        """How much each wording resembles the nearest of each group, and the nearest few on average: [wording, group].
        Nan where a wording is alone in its group.
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
        """Resemblance of ``rows`` to all, and the share of what they are about that both say."""
        common: Floats = (self._said[rows] @ self._said.T).toarray()
        either = self._weights[rows, None] + self._weights[None, :] - common
        shared: Floats = common / np.maximum(either, 1e-6)
        meaning = self._dense[rows] @ self._dense.T
        both: Floats = (np.float32(self._numbers.meaning_weight / self._unit) * meaning + shared).astype(np.float32)
        return both, shared


def _best(similarity: Floats, most: int) -> tuple[Floats, Floats]:
    """Of each row the greatest, and the mean of the ``most`` greatest, without what is -inf; nan where none is left."""
    few = min(most, similarity.shape[1])
    top = np.partition(similarity, -few, axis=1)[:, -few:]
    known = np.isfinite(top)
    count = known.sum(axis=1)
    mean = np.where(count, np.where(known, top, 0).sum(axis=1) / np.maximum(count, 1), np.nan)
    return np.where(count, top.max(axis=1), np.nan).astype(np.float32), mean.astype(np.float32)


def _weighed(about: Sequence[frozenset[str]], group_of: EntryIndices) -> scipy.sparse.csr_matrix:
    """A row a wording, a column a word; the product of two rows is the weight of the words they share. A word weighs
    the more the fewer groups say it.
    """
    saying: dict[str, set[int]] = {}
    for words, group in zip(about, group_of.tolist(), strict=True):
        for word in words:
            saying.setdefault(word, set()).add(group)
    column = {word: number for number, word in enumerate(saying)}
    groups = int(group_of.max(initial=-1)) + 1
    weight = {word: np.sqrt(np.log((groups + 1) / (len(having) + 0.5))) for word, having in saying.items()}
    cells = [(row, column[word], weight[word]) for row, words in enumerate(about) for word in sorted(words)]
    rows, columns, values = zip(*cells, strict=True) if cells else ((), (), ())
    shape = (len(about), max(len(column), 1))
    return scipy.sparse.csr_matrix((np.array(values, np.float32), (rows, columns)), shape=shape)
