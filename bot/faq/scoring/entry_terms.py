"""Compares the content terms of a message with those of each entry: which terms the entry contains and lacks.

*Me cobraron dos veces el permiso de circulación* has the subject of the entry on paying the permit, but asks something
else. Such a message differs from the entry in terms that none of the entry's texts contains. The rarer a term is in the
background and in the sentences of the classifiers, the more it counts. So the weight of a term does not change when an
entry is edited.

The terms that an entry contains rank it among the agency's entries. In that ranking, a term also counts more if fewer
entries contain it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bot.faq.scoring.ridge import EntryIndices, Scores

LEAST = 1e-6  # lower limit of a divisor: the weight of all terms of a message


@dataclass(frozen=True)
class TermScores:
    """The terms of messages compared with those of the entries; each array has a row per message.

    ``missed_weight`` and ``missed_share`` have a column per entry: the weight of the message's known terms that no text
    of the entry contains, and this weight as a share of the weight of all terms, where an unknown term weighs 1. The
    share is 1 for a message without terms (*hola*). ``unknown`` is a single column: the number of terms that no text at
    all contains, mostly names and typing errors. ``said`` has a column per entry: the weight of the terms that the
    entry contains, each multiplied by its rarity among the entries (0 to 1).
    """

    missed_weight: Scores
    missed_share: Scores
    unknown: Scores
    said: Scores


class EntryTerms:
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
        self._entries, self._counts = entries, (owner @ terms).tocsr()
        said = self._counts.copy()
        said.data[:] = 1
        self._said = said.T.tocsr()
        self._entries_saying = np.asarray(said.sum(axis=0)).ravel()  # for each term, the number of entries
        self._totals = np.asarray(self._counts.sum(axis=0)).ravel()
        self._rarity, self._familiar = rarity, familiar

    def of(self, messages: scipy.sparse.csr_matrix) -> TermScores:
        """Returns the scores of messages that are not among the entries' texts, given as rows of terms."""
        known = self._known(messages, self._totals)
        among = self._among(messages, self._entries_saying[messages.indices], self._entries)
        return _scores(messages, known, (known @ self._said).toarray(), (among @ self._said).toarray())

    def without_each(self, messages: scipy.sparse.csr_matrix, classes: EntryIndices) -> TermScores:
        """Returns the scores of texts of the index, given as rows of terms, each as if it were not in the index.

        Text k belongs to entry ``classes[k]``, or to the background if there is no such entry.
        """
        own = np.flatnonzero(classes < self._entries)
        # For each term of a text, the number of texts of the same entry that contain the term.
        held = np.zeros(len(messages.indices), np.float32)
        row_of = np.repeat(np.arange(messages.shape[0]), np.diff(messages.indptr))
        inside = np.isin(row_of, own)
        held[inside] = np.asarray(self._counts[classes[row_of[inside]], messages.indices[inside]]).ravel()
        known = self._known(messages, self._totals, inside.astype(np.float32))
        among = self._among(messages, self._entries_saying[messages.indices] - (held == 1), self._entries)
        covered, said = (known @ self._said).toarray(), (among @ self._said).toarray()
        for of_entries, weights in ((covered, known), (said, among)):
            again = np.where(held > 1, weights.data, 0)
            of_entries[own, classes[own]] = np.bincount(row_of, again, messages.shape[0])[own]
        return _scores(messages, known, covered, said)

    def without_classes(
        self, messages: Sequence[scipy.sparse.csr_matrix], classes: Sequence[EntryIndices]
    ) -> TermScores:
        """Returns, for each k, the scores of ``messages[k]`` as if the entries ``classes[k]`` did not exist.

        The result has a row per message, for all k in order.
        """
        parts = [self._without(some, gone) for some, gone in zip(messages, classes, strict=True)]
        return TermScores(
            np.concatenate([part.missed_weight for part in parts]),
            np.concatenate([part.missed_share for part in parts]),
            np.concatenate([part.unknown for part in parts]),
            np.concatenate([part.said for part in parts]),
        )

    def _without(self, messages: scipy.sparse.csr_matrix, classes: EntryIndices) -> TermScores:
        gone = classes[classes < self._entries]
        totals, saying = self._totals, self._entries_saying
        if len(gone):
            totals = totals - np.asarray(self._counts[gone].sum(axis=0)).ravel()
            saying = saying - np.asarray((self._counts[gone] > 0).sum(axis=0)).ravel()
        known = self._known(messages, totals)
        among = self._among(messages, saying[messages.indices], self._entries - len(gone))
        covered, said = (known @ self._said).toarray(), (among @ self._said).toarray()
        covered[:, gone] = said[:, gone] = 0
        return _scores(messages, known, covered, said)

    def _among(self, messages: scipy.sparse.csr_matrix, saying: Scores, entries: int) -> scipy.sparse.csr_matrix:
        """Returns the weights of the messages' terms among ``entries`` entries.

        ``saying`` contains, for each term of the messages, how many of these entries contain it.
        """
        rarity = np.log((entries + 1) / (np.maximum(saying, 0) + 0.5)) / np.log(max(entries, 1) + 1)
        weights = np.where(saying > 0, rarity * self._rarity[messages.indices], 0).astype(np.float32)
        return scipy.sparse.csr_matrix((weights, messages.indices, messages.indptr), messages.shape)

    def _known(
        self, messages: scipy.sparse.csr_matrix, totals: Scores, less: Scores | float = 0.0
    ) -> scipy.sparse.csr_matrix:
        """Returns the weights of the messages' terms; 0 for terms that are not ``familiar`` and that no entry contains.

        ``totals`` contains, for each term, the number of entries' texts that contain it; ``less`` is subtracted from
        these numbers.
        """
        columns = messages.indices
        known = self._familiar[columns] | (totals[columns] - less > 0)
        weights = np.where(known, self._rarity[columns], 0).astype(np.float32)
        return scipy.sparse.csr_matrix((weights, columns, messages.indptr), messages.shape)


def _scores(
    messages: scipy.sparse.csr_matrix, known: scipy.sparse.csr_matrix, covered: Scores, said: Scores
) -> TermScores:
    row_of = np.repeat(np.arange(messages.shape[0]), np.diff(messages.indptr))
    total = np.bincount(row_of, known.data, messages.shape[0])[:, None]
    unknown = np.bincount(row_of, known.data == 0, messages.shape[0])[:, None]
    weight = np.maximum(total - covered, 0)
    of_all = np.broadcast_to(total + unknown, weight.shape)
    share = np.where(of_all > 0, weight / np.maximum(of_all, LEAST), 1)
    return TermScores(
        weight.astype(np.float32), share.astype(np.float32), unknown.astype(np.float32), said.astype(np.float32)
    )
