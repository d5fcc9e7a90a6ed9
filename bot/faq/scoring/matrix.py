"""Represents texts as rows of matrices, to compare them by meaning, letters and content terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn.utils.sparsefuncs import sparse_matmul_to_dense

from bot.faq.encoder.encoder import Vectors


@dataclass(frozen=True)
class FeatureMatrix:
    """Texts as rows of three matrices for their meaning (``dense``), sound (``letters``) and content (``terms``).

    Each row of ``dense`` and ``letters`` is a unit vector or 0; ``letters`` and ``terms`` are sparse, and ``terms``
    contains a 1 for each content term.
    """

    dense: Vectors
    letters: scipy.sparse.csr_matrix
    terms: scipy.sparse.csr_matrix

    @classmethod
    def stacked(cls, parts: Sequence[FeatureMatrix]) -> FeatureMatrix:
        """Concatenates the rows of ``parts``, of which there must be at least one."""
        letters, terms = (
            scipy.sparse.vstack(rows).tocsr()
            for rows in ([part.letters for part in parts], [part.terms for part in parts])
        )
        return cls(np.concatenate([part.dense for part in parts]), letters, terms)

    def __getitem__(self, rows: slice | NDArray[np.int64]) -> FeatureMatrix:
        return FeatureMatrix(self.dense[rows], self.letters[rows], self.terms[rows])

    def __len__(self) -> int:
        return len(self.dense)

    @cached_property
    def _transposed(self) -> scipy.sparse.csr_matrix:
        """Returns ``letters`` transposed; cached, since transposing takes longer than multiplying."""
        return self.letters.T.tocsr()

    def letter_similarity(self, other: FeatureMatrix) -> NDArray[np.float32]:
        """Returns the similarity of phonetic spelling: a row per text of ``self``, a column per text of ``other``."""
        similarity: NDArray[np.float32] = sparse_matmul_to_dense(self.letters, other._transposed)
        return similarity

    def similarity(self, other: FeatureMatrix) -> NDArray[np.float32]:
        """Returns the similarity of meaning plus that of letters, with rows and columns as in ``letter_similarity``."""
        total: NDArray[np.float32] = self.dense @ other.dense.T + self.letter_similarity(other)
        return total
