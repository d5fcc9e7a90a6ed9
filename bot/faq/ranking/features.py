"""Computes the features from which ``calibration`` estimates the probability that an entry answers a message.

In the names of features, OVER and AMONG mean the lead over the best other class: over any class that is not an entry
(OTHERS), over out-of-scope topics (MATTERS), over chitchat (TALK), or among the entries (AMONG_ENTRIES). OTHERS and
MATTERS contain the entry's own counterexamples; those of other entries do not count. NEAREST compares with the nearest
text, CENTRE with the centroid; WITHOUT_MEAN are the same leads among the entries, without the mean of their vectors.
LOG_SHARE is the log of the share of similarity, LOG_TEXTS the log of the number of texts. MISSED measures the terms of
the message that the entry lacks, SAID those that it contains, UNKNOWN those that no text contains. UNUSUAL is the score
of the message as an unusual request.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.evidence import Evidence
from bot.faq.ranking.feature_names import EntryFeature
from bot.faq.ranking.index import Index
from bot.faq.scoring.ridge import EntryIndices, Scores

CONSIDERED = 5  # number of entries per message for which features are computed
SMALLEST_SHARE = 1e-6  # added to a share before taking its logarithm, since a share may be 0
# Products of another feature and the log of the entry's number of texts: the same score means more for an entry with
# three utterances than for one with forty.
BY_TEXTS = {
    EntryFeature.LOG_TEXTS_BY_LOG_SHARE: EntryFeature.LOG_SHARE,
    EntryFeature.LOG_TEXTS_BY_NEAREST_OVER_MATTERS: EntryFeature.NEAREST_OVER_MATTERS,
    EntryFeature.LOG_TEXTS_BY_SCORE_OVER_OTHERS: EntryFeature.SCORE_OVER_OTHERS,
    EntryFeature.LOG_TEXTS_BY_SCORE_AMONG_ENTRIES: EntryFeature.SCORE_AMONG_ENTRIES,
    EntryFeature.LOG_TEXTS_BY_SCORE: EntryFeature.SCORE,
    EntryFeature.LOG_TEXTS_BY_CENTRE_AMONG_ENTRIES: EntryFeature.CENTRE_AMONG_ENTRIES,
    EntryFeature.LOG_TEXTS_BY_CENTRE_OVER_MATTERS: EntryFeature.CENTRE_OVER_MATTERS,
    EntryFeature.LOG_TEXTS_BY_MISSED_SHARE: EntryFeature.MISSED_SHARE,
    EntryFeature.LOG_TEXTS_BY_UNUSUAL: EntryFeature.UNUSUAL,
}
Features = NDArray[np.float64]


def likely(evidence: Evidence, index: Index) -> tuple[EntryIndices, Features]:
    """Returns the indices of each message's likeliest entries, best first, and the features of these entries.

    The axes of both arrays are message and entry; the features have a third axis, in the order of EntryFeature.
    """
    entries = len(index.ids)
    shares = np.log(evidence.shares[:, :entries] + SMALLEST_SHARE)
    ranked = evidence.scores[:, :entries] + tuned().calibration.share_weight * shares
    order = np.argsort(-ranked, axis=1, kind="stable")[:, :CONSIDERED]
    values = _features(evidence, index, order, shares)
    features = np.stack([values[name] for name in EntryFeature], axis=2).astype(np.float64)
    return order.astype(np.int64), features


def _features(evidence: Evidence, index: Index, order: EntryIndices, shares: Scores) -> dict[EntryFeature, Scores]:
    """Returns each feature as an array with a row per message and a column per entry in ``order``."""
    entries = len(index.ids)

    def of(values: Scores) -> Scores:
        return np.take_along_axis(values[:, :entries], order, axis=1)

    def over(values: Scores, classes: slice) -> Scores:
        return of(values) - _rivals(values, index, order, classes)

    score, nearest = of(evidence.scores), of(evidence.nearest)
    texts = np.log(np.maximum(index.sizes[order], 1))
    values = {
        EntryFeature.SCORE: score,
        EntryFeature.SCORE_OVER_OTHERS: over(evidence.scores, slice(index.topics.start, None)),
        EntryFeature.SCORE_AMONG_ENTRIES: of(leads(evidence.entries_only)),
        EntryFeature.LOG_SHARE: of(shares),
        EntryFeature.NEAREST_OVER_MATTERS: over(evidence.nearest, index.topics),
        EntryFeature.NEAREST_OVER_TALK: nearest - evidence.nearest[:, index.themes].max(axis=1, initial=0)[:, None],
        EntryFeature.CENTRE_AMONG_ENTRIES: of(leads(evidence.centroid[:, :entries])),
        EntryFeature.CENTRE_OVER_MATTERS: over(evidence.centroid, index.topics),
        EntryFeature.LOG_TEXTS: texts,
        EntryFeature.LOG_TEXTS_SQUARED: texts**2,
        EntryFeature.MISSED_WEIGHT: of(evidence.missed_weight),
        EntryFeature.MISSED_SHARE: of(evidence.missed_share),
        EntryFeature.UNKNOWN: np.broadcast_to(evidence.unknown, order.shape),
        EntryFeature.UNUSUAL: np.broadcast_to(evidence.unusual, order.shape),
        EntryFeature.SAID_AMONG_ENTRIES: of(leads(evidence.said)),
        EntryFeature.NEAREST_WITHOUT_MEAN: of(leads(evidence.nearest_without_mean)),
        EntryFeature.CENTRE_WITHOUT_MEAN: of(leads(evidence.centroid_without_mean)),
    }
    return values | {product: texts * values[factor] for product, factor in BY_TEXTS.items()}


def nearest_over_matters(evidence: Evidence, index: Index, entries: EntryIndices) -> Scores:
    """Returns NEAREST_OVER_MATTERS of the given entries for one message, even if they are not its likeliest."""
    rivals = _rivals(evidence.nearest, index, entries[None], index.topics)
    found: Scores = (evidence.nearest[:, entries] - rivals)[0]
    return found


def nearest_over_denied(evidence: Evidence, index: Index, entries: EntryIndices) -> Scores:
    """Returns, for one message, each entry's lead over its counterexamples in NEAREST; 0 for an entry without any."""
    nearest, denied = evidence.nearest[0], index.denied[entries]
    found: Scores = nearest[entries] - np.append(nearest, np.float32(0))[denied]
    return np.where(denied < index.classes, found, np.float32(0))


def _rivals(values: Scores, index: Index, order: EntryIndices, classes: slice) -> Scores:
    """Returns, for each candidate, the best value over ``classes`` and over its counterexamples; at least 0."""
    padded = np.concatenate([values, np.zeros((len(values), 1), np.float32)], axis=1)
    own = np.take_along_axis(padded, index.denied[order], axis=1)
    best: Scores = np.maximum(own, values[:, classes].max(axis=1, initial=0)[:, None])
    return best


def leads(values: Scores) -> Scores:
    """Returns each entry's lead over the best other entry in its row; with a single entry, the values themselves."""
    if values.shape[1] < 2:
        return values
    second, first = np.moveaxis(np.partition(values, -2, axis=1)[:, -2:, None], 1, 0)
    found: Scores = values - np.where(values >= first, second, first)
    return found
