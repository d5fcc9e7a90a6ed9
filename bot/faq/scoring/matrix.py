"""Represents texts as rows of matrices, to compare them by meaning, letters, runs of words and content terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn.utils.sparsefuncs import sparse_matmul_to_dense

from bot.faq.encoder.encoder import Vectors

FEW = 11  # messages, up to which ``products`` multiplies block by block: a message and its ten parts
BLOCK = 256  # texts whose vectors stay in the processor's cache meanwhile


def products(messages: Vectors, texts: Vectors) -> Vectors:
    """Returns the dot product of each message with each text, given as rows: a row per message, a column per text.

    For a few messages, BLAS would first copy all texts, which takes longer than the multiplication. Here, texts are
    read from memory once for all messages, and each row is the same as for the message alone.
    """
    if len(messages) > FEW:
        return messages @ texts.T
    found: Vectors = np.empty((len(messages), len(texts)), np.float32)
    for start in range(0, len(texts), BLOCK):
        block = texts[start : start + BLOCK]
        for message, row in zip(messages, found, strict=True):
            np.dot(block, message, out=row[start : start + BLOCK])
    return found


@dataclass(frozen=True)
class FeatureMatrix:
    """Texts as rows of four matrices: for meaning (``dense``), sound (``letters``), words and content (``terms``).

    ``runs`` are the words, and two and three words in a row. Each row of ``dense``, ``letters`` and ``runs`` is a unit
    vector or 0; all but ``dense`` are sparse, and ``terms`` contains a 1 for each content term.
    """

    dense: Vectors
    letters: scipy.sparse.csr_matrix
    runs: scipy.sparse.csr_matrix
    terms: scipy.sparse.csr_matrix

    @classmethod
    def stacked(cls, parts: Sequence[FeatureMatrix]) -> FeatureMatrix:
        """Concatenates the rows of ``parts``, of which there must be at least one."""
        sparse = (
            scipy.sparse.vstack([getattr(part, name) for part in parts]).tocsr()
            for name in ("letters", "runs", "terms")
        )
        return cls(np.concatenate([part.dense for part in parts]), *sparse)

    def __getitem__(self, rows: slice | NDArray[np.int64]) -> FeatureMatrix:
        return FeatureMatrix(self.dense[rows], self.letters[rows], self.runs[rows], self.terms[rows])

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
        total: NDArray[np.float32] = products(self.dense, other.dense) + self.letter_similarity(other)
        return total
