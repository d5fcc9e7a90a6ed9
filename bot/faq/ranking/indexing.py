"""Builds the index of an agency's entries, without the out-of-scope topics that an entry also covers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.faq.entries.entry import Entry
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.index import Index
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.scoring.mean_removed import ABSENT, MIN_LENGTH
from bot.faq.scoring.ridge import EntryIndices, Scores


def index_of(entries: Sequence[Entry], vectorizer: Vectorizer) -> Index:
    """Builds the index without the out-of-scope topics that an entry also covers."""
    index = Index(entries, vectorizer)
    silenced = overlapping(index)
    return Index(entries, vectorizer, silenced) if silenced else index


def overlapping(index: Index) -> dict[int, str | None]:
    """Maps the index of each out-of-scope topic that an entry also covers to that entry's id, or to None.

    An agency may handle what the catalogue assigns to another body. An entry covers a topic if their centroids are
    similar and enough of the entry's utterances score highest for the topic when each is scored as if it were not in
    the index. The id is given only if entry and topic are each other's most similar match, and similar enough to be the
    same subject.
    """
    if not index.ids or not index.out_of_scope_topics:
        return {}
    numbers = tuned().index
    similarity = _similarity(index)
    alike = similarity >= numbers.alike
    similar_entries = np.flatnonzero(alike.any(axis=1))
    overlap = (_wins(index, similar_entries) >= numbers.astray_share) & alike
    best = np.where(overlap, similarity, ABSENT)
    same = (best >= numbers.same) & (best == best.max(axis=1, keepdims=True)) & (best == best.max(axis=0))
    takes = {int(topic): index.ids[entry] for entry, topic in np.argwhere(same)}
    return {topic: takes.get(topic) for topic in np.flatnonzero(overlap.any(axis=0)).tolist()}


def _similarity(index: Index) -> Scores:
    """Returns the similarities of the centroids: a row per entry, a column per out-of-scope topic."""
    totals = index.ridge.totals
    centres = totals / np.maximum(np.linalg.norm(totals, axis=1, keepdims=True), MIN_LENGTH)
    similarity: Scores = centres[: len(index.ids)] @ centres[index.topics].T
    return similarity


def _wins(index: Index, chosen: EntryIndices) -> Scores:
    """Returns the share of each ``chosen`` entry's utterances that score highest for each out-of-scope topic.

    Each utterance is scored as if it were not in the index. The result has a row per entry (zeros for those not chosen)
    and a column per topic.
    """
    entries, topics = len(index.ids), len(index.out_of_scope_topics)
    positions = index.utterances[np.isin(index.class_of[index.utterances], chosen)]
    dense, own = index.rows.dense[positions], index.class_of[positions]
    share = ((dense @ index.ridge.inverse) * dense).sum(axis=1)
    scores = dense @ index.ridge.coefficients[:, np.r_[0:entries, index.topics]]
    scores[np.arange(len(own)), own] -= share
    scores[np.arange(len(own)), own] /= 1 - share
    highest = scores.argmax(axis=1)
    wins = np.zeros((entries, topics), np.float32)
    np.add.at(wins, (own[highest >= entries], highest[highest >= entries] - entries), 1)
    totals = np.maximum(np.bincount(own, minlength=entries), 1).astype(np.float32)
    shares: Scores = wins / totals[:, None]
    return shares
