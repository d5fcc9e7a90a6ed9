"""Measures the content terms of a message that no text of an entry contains.

*Me cobraron dos veces el permiso de circulación* has the subject of the entry on paying the permit, but asks something
else. Such a message differs from the entry in terms that none of the entry's texts contains. The rarer a term is in the
background and in the sentences of the classifiers, the more it counts. So the weight of a term does not change when an
entry is edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bot.faq.ranking.ridge import EntryIndices, Scores

LEAST = 1e-6  # lower limit of a divisor: the weight of all terms of a message


@dataclass(frozen=True)
class Missed:
    """Measures of the terms that messages contain and entries lack; each array has a row per message.

    ``weight`` and ``share`` have a column per entry: the weight of the message's known terms that no text of the entry
    contains, and this weight as a share of the weight of all terms, where an unknown term weighs 1. The share is 1 for
    a message without terms (*hola*). ``unknown`` is a single column: the number of terms that no text at all contains,
    mostly names and typing errors.
    """

    weight: Scores
    share: Scores
    unknown: Scores


class Unsaid:
    """A comparison of the terms of messages with those of the entries; immutable.

    ``rarity`` and ``familiar`` contain an item per column of the terms: the weight of a term, from 0 to 1, and whether
    the background or a sentence of the classifiers contains it.
    """

    def __init__(
        self,
        terms: scipy.sparse.csr_matrix,
        class_of: EntryIndices,
        entries: int,
        rarity: Scores,
        familiar: NDArray[np.bool_],
    ) -> None:
        """Counts the ``terms`` of the entries' texts; text k belongs to the entry ``class_of[k]``."""
        ones = np.ones(len(class_of), np.float32)
        owner = scipy.sparse.csr_matrix((ones, (class_of, np.arange(len(class_of)))), (entries, len(class_of)))
        self._counts = (owner @ terms).tocsr()
        said = self._counts.copy()
        said.data[:] = 1
        self._said = said.T.tocsr()
        self._totals = np.asarray(self._counts.sum(axis=0)).ravel()
        self._rarity, self._familiar = rarity, familiar

    def of(self, messages: scipy.sparse.csr_matrix) -> Missed:
        """Returns the measures of messages that are not among the entries' texts, given as rows of terms."""
        known = self._known(messages, self._totals)
        return self._missed(messages, known, (known @ self._said).toarray())

    def without_each(self, messages: scipy.sparse.csr_matrix, classes: EntryIndices) -> Missed:
        """Returns the measures of texts of the index, given as rows of terms, each as if it were not in the index.

        Text k belongs to entry ``classes[k]``, or to the background if there is no such entry.
        """
        own = np.flatnonzero(classes < self._counts.shape[0])
        # For each term of a text, the number of texts of the same entry that contain the term.
        held = np.zeros(len(messages.indices), np.float32)
        row_of = np.repeat(np.arange(messages.shape[0]), np.diff(messages.indptr))
        inside = np.isin(row_of, own)
        held[inside] = np.asarray(self._counts[classes[row_of[inside]], messages.indices[inside]]).ravel()
        known = self._known(messages, self._totals, inside.astype(np.float32))
        covered = (known @ self._said).toarray()
        again = np.where(held > 1, known.data, 0)
        covered[own, classes[own]] = np.bincount(row_of, again, messages.shape[0])[own]
        return self._missed(messages, known, covered)

    def without_classes(self, messages: Sequence[scipy.sparse.csr_matrix], classes: Sequence[EntryIndices]) -> Missed:
        """Returns the measures of ``messages[k]``, for each k, as if the entries ``classes[k]`` did not exist."""
        parts = [self._without(some, gone) for some, gone in zip(messages, classes, strict=True)]
        return Missed(
            np.concatenate([part.weight for part in parts]),
            np.concatenate([part.share for part in parts]),
            np.concatenate([part.unknown for part in parts]),
        )

    def _without(self, messages: scipy.sparse.csr_matrix, classes: EntryIndices) -> Missed:
        gone = classes[classes < self._counts.shape[0]]
        totals = self._totals - np.asarray(self._counts[gone].sum(axis=0)).ravel() if len(gone) else self._totals
        known = self._known(messages, totals)
        covered = (known @ self._said).toarray()
        covered[:, gone] = 0
        return self._missed(messages, known, covered)

    def _known(
        self, messages: scipy.sparse.csr_matrix, totals: Scores, less: Scores | float = 0.0
    ) -> scipy.sparse.csr_matrix:
        """Returns the weights of the messages' terms; 0 for terms that are not ``familiar`` and that no entry contains.

        ``totals`` contains, for each term, the number of entries' texts that contain it; ``less`` is subtracted from
        that.
        """
        columns = messages.indices
        known = self._familiar[columns] | (totals[columns] - less > 0)
        weights = np.where(known, self._rarity[columns], 0).astype(np.float32)
        return scipy.sparse.csr_matrix((weights, columns, messages.indptr), messages.shape)

    def _missed(self, messages: scipy.sparse.csr_matrix, known: scipy.sparse.csr_matrix, covered: Scores) -> Missed:
        row_of = np.repeat(np.arange(messages.shape[0]), np.diff(messages.indptr))
        total = np.bincount(row_of, known.data, messages.shape[0])[:, None]
        unknown = np.bincount(row_of, known.data == 0, messages.shape[0])[:, None]
        weight = np.maximum(total - covered, 0)
        of_all = np.broadcast_to(total + unknown, weight.shape)
        share = np.where(of_all > 0, weight / np.maximum(of_all, LEAST), 1)
        return Missed(weight.astype(np.float32), share.astype(np.float32), unknown.astype(np.float32))
