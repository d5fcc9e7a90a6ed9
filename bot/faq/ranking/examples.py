"""Builds labeled examples for the calibration from the texts of the index, each scored as if not in the index.

For an utterance of an entry, the label is that entry. Four kinds of examples have no right entry: an utterance scored
without its whole topic, which stands for a question about the agency that no entry answers; a counterexample, scored
with or without the entry's other counterexamples; a text about an out-of-scope topic, in the same two ways; and
chitchat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.faq.ranking.coefficients import Weights, tuned
from bot.faq.ranking.evidence import Evidence
from bot.faq.ranking.features import Features, likely
from bot.faq.ranking.index import Index
from bot.faq.scoring.ridge import EntryIndices

NOBODY = -1  # label of a message that no entry answers
SEED = 1
# Maximum numbers of utterances, of texts of each other kind, and of left-out topics, so that a reload is quick.
MAX_UTTERANCES, MAX_OTHERS, MAX_TOPICS = 600, 250, 12
# Each example is compared with all texts, so with more than USUAL_TEXTS texts fewer examples are used: a share of at
# least MIN_PART.
USUAL_TEXTS, MIN_PART = 14_000, 0.4


@dataclass(frozen=True)
class Examples:
    """Labeled examples, one message per row.

    ``likely`` contains the indices of the likeliest entries, best first, and ``features`` the features of each of these
    entries. ``right`` contains the index of the right entry, or NOBODY. ``weight`` is each example's weight in the fit.
    """

    likely: EntryIndices
    features: Features
    right: EntryIndices
    weight: Weights

    @property
    def hits(self) -> NDArray[np.bool_]:
        """Returns a Boolean array of the shape of ``likely``: True where the entry is right."""
        return np.equal(self.likely, self.right[:, None])


def examples_of(index: Index) -> Examples:
    """Returns the labeled examples; each text is scored as if the index did not contain it."""
    random = np.random.default_rng(SEED)
    part = min(max(USUAL_TEXTS / max(len(index.rows), 1), MIN_PART), 1.0)
    others = round(MAX_OTHERS * part)
    utterances = some_of(index.utterances, round(MAX_UTTERANCES * part), random)
    known = some_of(_texts_of(index, index.topics), others, random)
    unknown = some_of(_texts_of(index, index.topics), others, random)
    chitchat = some_of(_texts_of(index, index.themes), others, random)
    denied = some_of(_texts_of(index, slice(len(index.ids), index.topics.start)), others, random)
    shares = tuned().calibration
    denied_share = shares.counterexample_share * index.denied_share
    alone = index.topics.start == index.classes
    outside = shares.known_share + shares.unknown_share + shares.talk_share if alone else 0
    parts = (
        (index.without_each(utterances), index.class_of[utterances], 1.0),
        (_unwritten(index, others, random), None, shares.topic_share + outside),
        (index.without_each(known) if len(known) else None, None, shares.known_share),
        (_without_classes(index, unknown), None, shares.unknown_share),
        (index.without_each(denied) if len(denied) else None, None, denied_share / 2),
        (_without_classes(index, denied), None, denied_share / 2),
        (_without_classes(index, chitchat), None, shares.talk_share),
    )
    kept = [(evidence, right, share) for evidence, right, share in parts if evidence is not None]
    columns = zip(*(_part(*part, index, len(utterances)) for part in kept), strict=True)
    return Examples(*(np.concatenate(column) for column in columns))


def some_of(positions: EntryIndices, most: int, random: np.random.Generator) -> EntryIndices:
    """Returns at most ``most`` of the positions, drawn without repetition, in their order."""
    return positions if len(positions) <= most else np.sort(random.choice(positions, most, replace=False))


def _texts_of(index: Index, classes: slice) -> EntryIndices:
    return np.flatnonzero((index.class_of >= classes.start) & (index.class_of < classes.stop))


def _unwritten(index: Index, most: int, random: np.random.Generator) -> Evidence | None:
    """Returns the evidence for utterances, each without its whole topic; None if there are fewer than two topics."""
    topics = np.unique(index.topic_of)
    if len(topics) < 2:
        return None
    groups = [np.flatnonzero(index.topic_of == topic) for topic in some_of(topics, MAX_TOPICS, random)]
    said = [np.intersect1d(group, index.utterances) for group in groups]
    return index.without_groups([some_of(some, most // MAX_TOPICS, random) for some in said], groups)


def _without_classes(index: Index, chosen: EntryIndices) -> Evidence | None:
    """Returns the evidence for the texts at ``chosen``, each scored without its whole class; None if there are none.

    The class is an out-of-scope topic, a chitchat theme, or the counterexamples of an entry.
    """
    classes = np.unique(index.class_of[chosen])
    if not len(classes):
        return None
    groups = [np.flatnonzero(index.class_of == one) for one in classes]
    return index.without_groups([np.intersect1d(chosen, group) for group in groups], groups)


def _part(
    evidence: Evidence, right: EntryIndices | None, share: float, index: Index, answerable: int
) -> tuple[EntryIndices, Features, EntryIndices, Weights]:
    order, features = likely(evidence, index)
    weight = np.full(len(order), share * answerable / max(len(order), 1))
    return order, features, np.full(len(order), NOBODY) if right is None else right, weight
