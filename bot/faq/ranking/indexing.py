"""Builds the index of an agency's entries, without the out-of-scope topics that an entry also covers.

Topics that may be the agency's own lose the body that the catalogue names: the catalogue is written for municipalities.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from bot.agency.model import Agency
from bot.faq.entries.entry import Entry
from bot.faq.ranking.background import MUNICIPAL, OutOfScopeTopic
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.index import Index
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.scoring.mean_removed import ABSENT, MIN_LENGTH
from bot.faq.scoring.ridge import EntryIndices, Scores
from bot.faq.words.keywords import content_stems

MOST_BODIES = 8  # a word in the names of more bodies, such as «servicio» or «nacional», does not tell what one does


def index_of(entries: Sequence[Entry], vectorizer: Vectorizer, agency: Agency | None = None) -> Index:
    """Builds the index without the out-of-scope topics that an entry also covers.

    Topics that may be the ``agency``'s own count as such, so that nobody is told that the agency does not handle them.
    """
    index = Index(entries, vectorizer)
    own = own_topics(index, agency) if agency else frozenset()
    silenced = overlapping(index)
    built = Index(entries, vectorizer, silenced) if silenced else index
    built.out_of_scope_topics = tuple(
        replace(one, scope=MUNICIPAL, body="", url="") if one.name in own else one for one in built.out_of_scope_topics
    )
    return built


def own_topics(index: Index, agency: Agency) -> frozenset[str]:
    """Returns the names of the out-of-scope topics that may be the agency's own.

    These are the topics that agency.yml names, by their id or body. For an agency that is no municipality, also those
    that its name tells, and those that are alike to one of its entries. Leaves out those for emergency numbers, and
    those that the agency itself listed as another body's.
    """
    if not index.ids or not index.out_of_scope_topics:
        return frozenset()
    topics, listed = index.out_of_scope_topics, agency.own_topics
    own = {one.name for one in topics if one.name in listed or one.body in listed}
    if not agency.is_municipality:
        alike = (_similarity(index) >= tuned().index.alike).any(axis=0)
        own |= _told_by(agency.name, topics) | {topics[number].name for number in np.flatnonzero(alike)}
    return frozenset(one.name for one in topics if one.name in own and not (one.emergency or one.is_listed))


@lru_cache(maxsize=2)
def _told_by(name: str, topics: tuple[OutOfScopeTopic, ...]) -> frozenset[str]:
    """Returns the names of the topics that an agency called ``name`` may handle itself.

    Such a topic shares a word with the name that few bodies have in theirs («agua»), or the name includes its body's.
    """
    bodies = {body: content_stems(body) for body in {one.body for one in topics if one.body}}
    counts, named = Counter(stem for stems in bodies.values() for stem in stems), content_stems(name)
    telling = {stem for stem in named if counts[stem] <= MOST_BODIES}
    own = {body for body, stems in bodies.items() if stems and stems <= named}
    return frozenset(
        one.name
        for one in topics
        if one.body in own or not telling.isdisjoint(content_stems(f"{one.title} {one.body}"))
    )


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
