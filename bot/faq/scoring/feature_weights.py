"""Keeps the weights of features, such as letter n-grams, of which most are zero.

A classifier's sentences contain few of the columns into which n-grams are hashed, so the rows of zeros of the other
columns are kept once. The sums are the same to the last bit, since each row adds the same numbers in the same order.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

Scores = NDArray[np.float32]


class FeatureWeights:
    """Weights given as a matrix with a row per feature and a column per class; immutable."""

    def __init__(self, weights: Scores) -> None:
        used = weights.any(axis=1)
        self._classes = weights.shape[1]
        self._place = np.where(used, np.cumsum(used), 0).astype(np.int32)  # of each feature, in ``_rows``
        self._rows = np.concatenate([np.zeros((1, self._classes), np.float32), weights[used]])

    def __len__(self) -> int:
        """Returns the number of features; 0 if the classifier does not use them."""
        return len(self._place)

    def totals(self, features: scipy.sparse.csr_matrix) -> Scores:
        """Returns the sum of the weights of each row's features, times their values: a column per class."""
        places = (features.data, self._place[features.indices], features.indptr)
        found: Scores = scipy.sparse.csr_matrix(places, (features.shape[0], len(self._rows))) @ self._rows
        return found
