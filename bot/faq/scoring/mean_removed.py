"""Compares messages with the entries by meaning, after removing the mean of the entries' vectors.

All texts of a small agency concern its trade, so their vectors share a direction, and the right entry leads by little.
Without the mean, the vectors show how the entries differ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bot.faq.scoring.matrix import products
from bot.faq.scoring.ridge import EntryIndices, Scores

FEWEST = 5  # entries; of fewer, the mean is what they say, and without it any message seems to ask for one of them
ABSENT = -1.0  # stands for the similarity to a text or class that is left out
MIN_LENGTH = 1e-6


class MeanRemoved:
    """A comparison with the entries' texts, whose unit vectors are the rows of ``dense``; immutable.

    ``class_of`` contains the number of each text's entry: 0, 1, 2... in ascending order, skipping none. With fewer than
    FEWEST entries no mean is removed. Texts are left out of the comparison, but not of the mean, on which a single text
    has little influence.
    """

    def __init__(self, dense: Scores, class_of: EntryIndices) -> None:
        self._class_of, entries = class_of, int(class_of.max(initial=-1)) + 1
        self._mean = dense.mean(axis=0) if entries >= FEWEST else np.zeros(dense.shape[1], np.float32)
        self._starts = np.searchsorted(class_of, np.arange(entries))
        moved = dense - self._mean
        self._lengths = np.maximum(np.sqrt(np.einsum("ij,ij->i", moved, moved)), MIN_LENGTH)
        self._offsets = dense @ self._mean - self._mean @ self._mean
        moved /= self._lengths[:, None]
        self._sums: Scores = np.add.reduceat(moved, self._starts, axis=0) if entries else moved
        self._centroids = _unit(self._sums)

    def nearest(self, messages: Scores, meaning: Scores) -> Scores:
        """Returns the similarity of each message to the nearest text of each entry: a column per entry.

        ``meaning`` contains the similarities before removing the mean, with a column per text; where it is ABSENT, the
        text does not count.
        """
        if not len(self._starts):
            return np.zeros((len(messages), 0), np.float32)
        lengths = np.maximum(np.linalg.norm(messages - self._mean, axis=1), MIN_LENGTH)
        similarity = meaning - (messages @ self._mean)[:, None]
        similarity -= self._offsets
        similarity /= self._lengths
        similarity /= lengths[:, None]
        np.clip(similarity, -1, 1, out=similarity)  # a vector equal to the mean has no direction, only rounding errors
        similarity[meaning == ABSENT] = ABSENT
        best: Scores = np.maximum.reduceat(similarity, self._starts, axis=1)
        return best

    def centroid(self, messages: Scores) -> Scores:
        """Returns the similarity of each message to the centroid of each entry: a column per entry."""
        return products(_unit(messages - self._mean), self._centroids)

    def centroid_without_each(self, messages: Scores, chosen: EntryIndices) -> Scores:
        """Returns ``centroid``, for each message as if the text at the index ``chosen[k]`` did not exist.

        ``messages[k]`` is the vector of that text. If that text belongs to no entry, nothing is left out.
        """
        moved = _unit(messages - self._mean)
        similarity: Scores = moved @ self._centroids.T
        own = np.flatnonzero(chosen < len(self._class_of))
        classes = self._class_of[chosen[own]]
        alone = np.bincount(self._class_of, minlength=len(self._starts))[classes] == 1
        similarity[own, classes] = to_rest(moved[own], self._sums[classes] - moved[own], alone)
        return similarity


def to_rest(vectors: Scores, rests: Scores, alone: NDArray[np.bool_]) -> Scores:
    """Returns each vector's similarity to the sum of the other vectors of its class; ABSENT if it is ``alone``."""
    lengths = np.maximum(np.linalg.norm(rests, axis=1), MIN_LENGTH)
    similarity: Scores = np.where(alone, ABSENT, (vectors * rests).sum(axis=1) / lengths)
    return similarity


def _unit(vectors: Scores) -> Scores:
    unit: Scores = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), MIN_LENGTH)
    return unit
