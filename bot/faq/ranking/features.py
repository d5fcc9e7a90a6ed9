"""Computes the numbers that P(an entry answers a message) follows from, for the likeliest entries of each message."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bot.faq.ranking.coefficients import EntryFeature, tuned
from bot.faq.ranking.index import Evidence, Index
from bot.faq.ranking.ridge import EntryIndices, Scores

CONSIDERED = 5
"""Entries whose numbers are computed for each message."""
SMALLEST_SHARE = 1e-6
"""Added before the logarithm of a share is taken."""
BY_TEXTS = {
    EntryFeature.LOG_TEXTS_BY_LOG_SHARE: EntryFeature.LOG_SHARE,
    EntryFeature.LOG_TEXTS_BY_NEAREST_OVER_MATTERS: EntryFeature.NEAREST_OVER_MATTERS,
    EntryFeature.LOG_TEXTS_BY_SCORE_OVER_OTHERS: EntryFeature.SCORE_OVER_OTHERS,
    EntryFeature.LOG_TEXTS_BY_SCORE_AMONG_ENTRIES: EntryFeature.SCORE_AMONG_ENTRIES,
    EntryFeature.LOG_TEXTS_BY_SCORE: EntryFeature.SCORE,
    EntryFeature.LOG_TEXTS_BY_CENTRE_AMONG_ENTRIES: EntryFeature.CENTRE_AMONG_ENTRIES,
    EntryFeature.LOG_TEXTS_BY_CENTRE_OVER_MATTERS: EntryFeature.CENTRE_OVER_MATTERS,
}
"""Features that are the log of the number of texts times another feature: the same score says more of an entry with
three wordings than with forty."""
Features = NDArray[np.float64]


def likely(evidence: Evidence, index: Index) -> tuple[EntryIndices, Features]:
    """The likeliest entries, best first [message, n], and their features [message, n, EntryFeature]."""
    entries = len(index.ids)
    shares = np.log(evidence.shares[:, :entries] + SMALLEST_SHARE)
    ranked = evidence.scores[:, :entries] + tuned().calibration.share_weight * shares
    order = np.argsort(-ranked, axis=1, kind="stable")[:, :CONSIDERED]
    values = _features(evidence, index, order, shares)
    features = np.stack([values[name] for name in EntryFeature], axis=2).astype(np.float64)
    return order.astype(np.int64), features


def _features(evidence: Evidence, index: Index, order: EntryIndices, shares: Scores) -> dict[EntryFeature, Scores]:
    """Each feature of the entries in ``order`` [message, n]: the score and its lead over any class that is no entry;
    its lead among the entries alone; the log of the share of likeness; how much nearer the nearest text is than any
    other body's and than any everyday one; how much nearer the middle of its texts is than the middle of any other
    entry, and of any other body's matter; the log of how many texts the entry has, its square, and BY_TEXTS.
    """
    entries, public = len(index.ids), len(index.ids) + len(index.out_of_scope_topics)

    def of(values: Scores) -> Scores:
        return np.take_along_axis(values[:, :entries], order, axis=1)

    score, nearest, centroid = of(evidence.scores), of(evidence.nearest), of(evidence.centroid)
    texts = np.log(np.maximum(index.sizes[order], 1))
    values = {
        EntryFeature.SCORE: score,
        EntryFeature.SCORE_OVER_OTHERS: score - _best(evidence.scores, entries),
        EntryFeature.SCORE_AMONG_ENTRIES: of(_leads(evidence.entries_only)),
        EntryFeature.LOG_SHARE: of(shares),
        EntryFeature.NEAREST_OVER_MATTERS: nearest - _best(evidence.nearest, entries, public),
        EntryFeature.NEAREST_OVER_TALK: nearest - _best(evidence.nearest, public),
        EntryFeature.CENTRE_AMONG_ENTRIES: of(_leads(evidence.centroid[:, :entries])),
        EntryFeature.CENTRE_OVER_MATTERS: centroid - _best(evidence.centroid, entries, public),
        EntryFeature.LOG_TEXTS: texts,
        EntryFeature.LOG_TEXTS_SQUARED: texts**2,
    }
    return values | {product: texts * values[factor] for product, factor in BY_TEXTS.items()}


def _best(values: Scores, first: int, end: int | None = None) -> Scores:
    """The best value among the classes from ``first`` on [message, 1]; 0 when there are none."""
    return np.asarray(values[:, first:end].max(axis=1, initial=0)[:, None], dtype=np.float32)


def _leads(values: Scores) -> Scores:
    """How much each entry's value is above the best of the other entries; above 0 when there is no other."""
    if values.shape[1] < 2:
        return values
    second, first = np.moveaxis(np.partition(values, -2, axis=1)[:, -2:, None], 1, 0)
    leads: Scores = values - np.where(values >= first, second, first)
    return leads
