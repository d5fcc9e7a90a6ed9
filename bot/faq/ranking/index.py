"""Scores a message against every entry, out-of-scope topic and theme; each reload builds a new index.

There are four views of a message: a classifier over meaning (``ridge``), the same classifier over the entries alone,
the similarity to the centroid of each class, and each class's share of the similarity, by meaning and letters, to all
texts. The entries-only classifier ranks entries with few utterances better, since it ignores the thousands of
background texts; the first classifier also recognizes messages that no entry answers. Every view can score a text as if
it had been left out, without fitting again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from bot.faq.entries.entry import Entry
from bot.faq.entries.passages import passages
from bot.faq.ranking.background import OutOfScopeTopic
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.matrix import FeatureMatrix
from bot.faq.ranking.ridge import EntryIndices, Ridge, Scores
from bot.faq.ranking.vectorizer import Vectorizer

ABSENT = -1.0  # similarity to a text or class that is left out
MIN_LENGTH = 1e-6
NO_OUT_OF_SCOPE_TOPICS: Mapping[int, str | None] = {}
AT_ONCE = 256  # messages compared together, to limit memory


@dataclass(frozen=True)
class Evidence:
    """The views of messages: a row per message, a column per class (entries, then out-of-scope topics, then themes).

    ``scores`` are the classifier's; ``shares`` are shares of similarity, which sum to 1 in each row. ``nearest`` and
    ``centroid`` are similarities by meaning, to the class's nearest text and to its centroid. ``entries_only`` has the
    entries-only scores, with a column per entry.
    """

    scores: Scores
    shares: Scores
    nearest: Scores
    centroid: Scores
    entries_only: Scores

    @classmethod
    def stacked(cls, parts: Sequence[Evidence]) -> Evidence:
        """Concatenates the messages of all parts."""
        columns = zip(*([getattr(part, one.name) for one in fields(cls)] for part in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))


class Index:
    """The texts of all classes: class k is entry ``ids[k]`` for k < len(ids); the topics and the themes follow."""

    def __init__(
        self,
        entries: Sequence[Entry],
        vectorizer: Vectorizer,
        silenced: Mapping[int, str | None] = NO_OUT_OF_SCOPE_TOPICS,
    ) -> None:
        """Builds the index without the ``silenced`` out-of-scope topics.

        ``silenced`` maps a topic's number to the id of the entry that takes over its utterances, or to None.
        """
        self._vectorizer, self._numbers = vectorizer, tuned().index
        background, group_of, self.out_of_scope_topics = _without(vectorizer, silenced)
        self.ids = tuple(dict.fromkeys(entry.id for entry in entries))
        taken = {id: vectorizer.out_of_scope_topics[number].utterances for number, id in silenced.items() if id}
        utterances, other_texts, topic_of = _texts(entries, self.ids, taken)
        own = FeatureMatrix.stacked(
            [vectorizer.background[:0], *map(vectorizer.rows, utterances), *map(vectorizer.rows, other_texts)]
        )
        class_numbers = np.concatenate([_numbered(utterances), _numbered(other_texts)])
        order = np.argsort(class_numbers, kind="stable")
        self.rows = FeatureMatrix.stacked([own[order], background])
        self.class_of = np.concatenate([class_numbers[order], len(self.ids) + group_of]).astype(np.int64)
        self.classes = len(self.ids) + vectorizer.groups - len(silenced)
        self.sizes = np.bincount(self.class_of, minlength=self.classes)  # number of texts of each class
        self._starts = np.searchsorted(self.class_of, np.arange(self.classes))
        sizes = [sum(map(len, texts)) for texts in (utterances, other_texts)]
        is_utterance = np.repeat([True, False], sizes)[order]
        self.utterances = np.flatnonzero(is_utterance)  # positions in ``rows`` of questions and variants
        self.topic_of = np.array(topic_of, dtype=np.int64)[self.class_of[: len(order)]]
        weight = np.ones(len(self.rows), np.float32)
        weight[: len(order)][~is_utterance] = self._numbers.passage_weight
        self._own = len(order)
        self._ridge = Ridge(self.rows.dense, self.class_of, weight, self._numbers.regularisation)
        self._weight, lengths = weight, np.linalg.norm(self._ridge.sums, axis=1, keepdims=True)
        self._centroids: Scores = self._ridge.sums / np.maximum(lengths, MIN_LENGTH)

    @cached_property
    def _entries_only(self) -> Ridge:
        """Returns the entries-only classifier; built on first use, since ``overlapping`` does not need it."""
        own = slice(self._own)
        return Ridge(self.rows.dense[own], self.class_of[own], self._weight[own], self._numbers.regularisation_among)

    def overlapping(self) -> dict[int, str | None]:
        """Maps the number of each out-of-scope topic that an entry also covers to that entry's id, or to None.

        An agency may handle what the catalogue assigns to another body. An entry covers a topic if the centroids of
        both are similar and enough of the entry's utterances, each left out, score highest for the topic. The id is
        given only if entry and topic are most similar to each other, and similar enough to be the same subject.
        """
        if not self.ids or not self.out_of_scope_topics:
            return {}
        entries, out_of_scope_topics = len(self.ids), len(self.out_of_scope_topics)
        similarity = self._similarity(entries, out_of_scope_topics)
        alike = similarity >= self._numbers.alike
        similar_entries = np.flatnonzero(alike.any(axis=1))
        positions = self.utterances[np.isin(self.class_of[self.utterances], similar_entries)]
        dense, own = self.rows.dense[positions], self.class_of[positions]
        share = ((dense @ self._ridge.inverse) * dense).sum(axis=1)
        scores = dense @ self._ridge.coefficients[:, : entries + out_of_scope_topics]
        scores[np.arange(len(own)), own] -= share
        scores[np.arange(len(own)), own] /= 1 - share
        highest = scores.argmax(axis=1)
        wins = np.zeros((entries, out_of_scope_topics), np.int32)
        np.add.at(wins, (own[highest >= entries], highest[highest >= entries] - entries), 1)
        totals = np.bincount(own, minlength=entries)[:, None]
        overlap = (wins >= self._numbers.astray_share * totals) & alike
        best = np.where(overlap, similarity, ABSENT)
        same = (best >= self._numbers.same) & (best == best.max(axis=1, keepdims=True)) & (best == best.max(axis=0))
        takes = {int(out_of_scope_topic): self.ids[entry] for entry, out_of_scope_topic in np.argwhere(same)}
        return {
            out_of_scope_topic: takes.get(out_of_scope_topic)
            for out_of_scope_topic in np.flatnonzero(overlap.any(axis=0)).tolist()
        }

    def _similarity(self, entries: int, out_of_scope_topics: int) -> Scores:
        """Returns the similarity of the centroids: a row per entry, a column per out-of-scope topic."""
        centres = np.add.reduceat(self.rows.dense, self._starts, axis=0)
        centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), MIN_LENGTH)
        similarity: Scores = centres[:entries] @ centres[entries : entries + out_of_scope_topics].T
        return similarity

    def evidence(self, messages: FeatureMatrix) -> Evidence:
        """Returns the evidence for messages that are not among the index's texts."""
        dense = messages.dense
        return self._compared(
            messages, self._ridge.scores(dense), self._entries_only.scores(dense), dense @ self._centroids.T
        )

    def with_each(self, chosen: EntryIndices) -> Evidence:
        """Returns the evidence for the texts at ``chosen``, which remain in the index."""
        return self.evidence(self.rows[chosen])

    def without_each(self, chosen: EntryIndices) -> Evidence:
        """Returns the evidence for the texts at ``chosen``, each as if it alone had been left out."""
        messages, classes = self.rows[chosen], self.class_of[chosen]
        entries_only = self._entries_only.scores(messages.dense)
        own = np.flatnonzero(chosen < self._own)
        entries_only[own] = self._entries_only.without_each(chosen[own])
        centroid = messages.dense @ self._centroids.T
        sums = self._ridge.sums[classes] - self._weight[chosen, None] * messages.dense
        nearness = (messages.dense * sums).sum(axis=1) / np.maximum(np.linalg.norm(sums, axis=1), MIN_LENGTH)
        centroid[np.arange(len(chosen)), classes] = np.where(self.sizes[classes] > 1, nearness, ABSENT)
        return self._compared(
            messages, self._ridge.without_each(chosen), entries_only, centroid, excluded=list(chosen[:, None])
        )

    def without_groups(self, chosen: Sequence[EntryIndices], groups: Sequence[EntryIndices]) -> Evidence:
        """Returns the evidence for the texts at ``chosen`` as if their whole group and its classes did not exist.

        Scores the texts at ``chosen[k]`` without those at ``groups[k]``, of which they are a part. Positions ascend.
        """
        messages = self.rows[np.concatenate(chosen)]
        vectors = [self.rows.dense[some] for some in chosen]
        scores = self._ridge.without_groups(vectors, groups)
        entries_only = self._entries_only.without_groups(vectors, [group[group < self._own] for group in groups])
        centroid = messages.dense @ self._centroids.T
        excluded = [group for some, group in zip(chosen, groups, strict=True) for _ in some]
        for row, group in zip(centroid, excluded, strict=True):
            row[self.class_of[group]] = ABSENT
        return self._compared(messages, scores, entries_only, centroid, excluded=excluded)

    def _compared(
        self,
        messages: FeatureMatrix,
        scores: Scores,
        entries_only: Scores,
        centroid: Scores,
        *,
        excluded: Sequence[EntryIndices] = (),
    ) -> Evidence:
        """Adds the views that compare with every text; message k is not compared with the texts at ``excluded[k]``."""
        parts = [
            self._some_compared(messages[start : start + AT_ONCE], excluded[start : start + AT_ONCE])
            for start in range(0, max(len(messages), 1), AT_ONCE)
        ]
        shares, nearest = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Evidence(scores, shares, nearest, centroid, entries_only)

    def _some_compared(self, messages: FeatureMatrix, excluded: Sequence[EntryIndices]) -> tuple[Scores, Scores]:
        meaning = messages.dense @ self.rows.dense.T
        similarity = messages.letter_similarity(self.rows)
        similarity *= self._numbers.letters_weight
        similarity += meaning
        for row, positions in enumerate(excluded):
            meaning[row, positions] = ABSENT
            similarity[row, positions] = -np.inf
        if not self.classes:
            return similarity, meaning
        similarity -= similarity.max(axis=1, keepdims=True, initial=ABSENT)
        similarity /= self._numbers.temperature * (1 + self._numbers.letters_weight)
        np.exp(similarity, out=similarity)
        shares = np.add.reduceat(similarity, self._starts, axis=1)
        shares /= shares.sum(axis=1, keepdims=True)
        return shares, np.maximum.reduceat(meaning, self._starts, axis=1)


def _without(
    vectorizer: Vectorizer, silenced: Collection[int]
) -> tuple[FeatureMatrix, EntryIndices, tuple[OutOfScopeTopic, ...]]:
    """Returns the background's rows, the group number of each row, and the topics, without the ``silenced`` ones."""
    if not silenced:
        return vectorizer.background, vectorizer.group_of, vectorizer.out_of_scope_topics
    kept = ~np.isin(vectorizer.group_of, list(silenced))
    _, renumbered = np.unique(vectorizer.group_of[kept], return_inverse=True)
    out_of_scope_topics = tuple(
        out_of_scope_topic
        for number, out_of_scope_topic in enumerate(vectorizer.out_of_scope_topics)
        if number not in silenced
    )
    return vectorizer.background[np.flatnonzero(kept)], renumbered.astype(np.int64), out_of_scope_topics


def _texts(
    entries: Sequence[Entry], ids: tuple[str, ...], taken: Mapping[str, Sequence[str]]
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]], list[int]]:
    """Returns, for each id, its utterances, its other texts and the number of its topic.

    The other texts are the passages of its answers for all audiences, and the utterances that it has ``taken`` over.
    """
    questions: dict[str, dict[str, None]] = {id: {} for id in ids}
    others: dict[str, dict[str, None]] = {id: {} for id in ids}
    topics = {entry.id: entry.topic for entry in reversed(entries)}
    for entry in entries:
        questions[entry.id] |= dict.fromkeys(entry.utterances)
        others[entry.id] |= dict.fromkeys(passages(entry))
    for id, utterances in taken.items():
        others[id] |= dict.fromkeys(utterances)
    numbers = {topic: number for number, topic in enumerate(dict.fromkeys(topics[id] for id in ids))}
    return [tuple(questions[id]) for id in ids], [tuple(others[id]) for id in ids], [numbers[topics[id]] for id in ids]


def _numbered(texts: Sequence[tuple[str, ...]]) -> EntryIndices:
    """Returns the position of each tuple, repeated for each of its texts."""
    return np.repeat(np.arange(len(texts)), [len(some) for some in texts]).astype(np.int64)
