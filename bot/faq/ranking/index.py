"""Scores a message against every entry, out-of-scope topic and chitchat theme; each reload builds a new index.

A message is scored in six ways: by a classifier over meaning (``ridge``), by the same classifier over the entries
alone, by the similarity to the centroid of each class and to its nearest text, by the same without the mean of the
agency's vectors (``mean_removed``), and by each class's share of the similarity (of meaning and letters) to all texts.
The entries-only classifier ranks entries with few utterances better, since it ignores the thousands of background
texts; the first classifier also recognizes messages that no entry answers. Three things show whether a message asks
something else about an entry's subject: the entry's counterexamples, which are a separate class; the terms that the
entry lacks (``entry_terms``); and the score as an unusual request (data/requests). A text of the index can also be
scored as if the index did not contain the text, without a new fit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import numpy as np

from bot.faq.entries.entry import Entry
from bot.faq.entries.passages import passages
from bot.faq.ranking.background import OutOfScopeTopic
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.evidence import Evidence
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.scoring.entry_terms import EntryTerms, TermScores
from bot.faq.scoring.matrix import FEW, FeatureMatrix, products
from bot.faq.scoring.mean_removed import ABSENT, MIN_LENGTH, MeanRemoved, to_rest
from bot.faq.scoring.ridge import EntryIndices, Ridge, Scores
from bot.faq.scoring.text_vectors import TextVectors
from bot.text.normalize import plain, plain_all

NO_OUT_OF_SCOPE_TOPICS: Mapping[int, str | None] = {}
AT_ONCE = 256  # number of messages compared at a time, to limit memory


class Index:
    """An index that scores messages against the texts of all classes.

    Class k is the entry ``ids[k]`` for k < len(ids). Then come the counterexamples of each entry that has some, the
    out-of-scope topics (``topics``) and the chitchat themes (``themes``).
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        vectorizer: Vectorizer,
        silenced: Mapping[int, str | None] = NO_OUT_OF_SCOPE_TOPICS,
    ) -> None:
        """Builds the index without the ``silenced`` out-of-scope topics.

        ``silenced`` maps the index of a topic to the id of the entry that takes over its utterances, or to None.
        """
        self._vectorizer, self._numbers = vectorizer, tuned().index
        background, group_of, self.out_of_scope_topics = _without(vectorizer, silenced)
        self.ids = tuple(dict.fromkeys(entry.id for entry in entries))
        taken = {id: vectorizer.out_of_scope_topics[number].utterances for number, id in silenced.items() if id}
        utterances, other_texts, topic_of = _texts(entries, self.ids, taken)
        denied = _counterexamples(entries, self.ids)
        own = [some for both in zip(utterances, other_texts, strict=True) for some in both]
        self.texts = tuple(text for some in own for text in some)  # the entries' texts, in the order of ``rows``
        self.rows = FeatureMatrix.stacked([*map(vectorizer.rows, (*own, *denied.values())), background])
        entry_of = _numbered(own) // 2  # of each text in ``own``, which has two items for each entry
        self._number_classes(entry_of, denied, group_of)
        is_utterance = np.repeat(np.arange(len(own)) % 2 == 0, list(map(len, own)))
        self.utterances = np.flatnonzero(is_utterance)  # indices, in ``rows``, of questions and variants
        owner = np.repeat(np.array([*denied], np.int64), [len(some) for some in denied.values()])
        self.topic_of = np.array(topic_of, dtype=np.int64)[np.concatenate([entry_of, owner])]
        weight = np.ones(len(self.rows), np.float32)
        weight[: len(entry_of)][~is_utterance] = self._numbers.passage_weight
        self._own = len(entry_of)
        self.ridge = Ridge(self.rows.dense, self.class_of, weight, self._numbers.regularisation)
        self._weight, lengths = weight, np.linalg.norm(self.ridge.sums, axis=1, keepdims=True)
        self._centroids: Scores = self.ridge.sums / np.maximum(lengths, MIN_LENGTH)
        self._mean_removed = MeanRemoved(self.rows.dense[: self._own], self.class_of[: self._own])

    def _number_classes(
        self, of_entries: EntryIndices, denied: Mapping[int, tuple[str, ...]], group_of: EntryIndices
    ) -> None:
        """Numbers the classes, given those of the entries' texts and the groups of the background's texts.

        ``denied`` maps the numbers of entries to their counterexamples.
        """
        entries, first_topic = len(self.ids), len(self.ids) + len(denied)
        self.class_of = np.concatenate(
            [of_entries, entries + _numbered(tuple(denied.values())), first_topic + group_of]
        ).astype(np.int64)
        self.topics = slice(first_topic, first_topic + len(self.out_of_scope_topics))
        self.classes = max(self.topics.stop, int(self.class_of.max(initial=-1)) + 1)
        self.themes = slice(self.topics.stop, self.classes)
        # For each entry, the class of its counterexamples; a number that no class has if it has none.
        self.denied = np.full(entries, self.classes, np.int64)
        self.denied[list(denied)] = np.arange(entries, first_topic)
        self.sizes = np.bincount(self.class_of, minlength=self.classes)  # number of texts of each class
        self.starts = np.searchsorted(self.class_of, np.arange(self.classes))

    @property
    def denied_share(self) -> float:
        """Returns the share of entries with many counterexamples and utterances; other entries count as a fraction."""
        if not self.ids:
            return 0.0
        said = np.bincount(self.class_of[self.utterances], minlength=len(self.ids))
        counts = np.minimum(np.append(self.sizes, 0)[self.denied], said)
        return float(np.minimum(counts / self._numbers.many_counterexamples, 1).mean())

    @cached_property
    def _entry_terms(self) -> EntryTerms:
        own = slice(self._own)
        vectorizer = self._vectorizer
        return EntryTerms(
            self.rows.terms[own], self.class_of[own], len(self.ids), vectorizer.term_rarity, vectorizer.familiar
        )

    @cached_property
    def _entries_only(self) -> Ridge:
        """Returns the entries-only classifier, which is built on first use, since ``indexing`` does not need it."""
        own = slice(self._own)
        return Ridge(self.rows.dense[own], self.class_of[own], self._weight[own], self._numbers.regularisation_among)

    @cached_property
    def _vectors(self) -> TextVectors:
        return TextVectors(self.rows.dense)

    def prepare(self) -> None:
        """Computes data for messages in advance, which would otherwise slow down the first message."""
        _ = self._vectors, self._entries_only, self._entry_terms

    def evidence(self, messages: FeatureMatrix) -> Evidence:
        """Returns the evidence for messages that are not among the index's texts."""
        dense = messages.dense
        return self._compared(
            messages,
            self.ridge.scores(dense),
            self._entries_only.scores(dense),
            products(dense, self._centroids),
            self._mean_removed.centroid(dense),
            self._entry_terms.of(messages.terms),
        )

    def without_each(self, chosen: EntryIndices) -> Evidence:
        """Returns the evidence for the texts at the indices ``chosen``, each scored as if it were not in the index."""
        messages, classes = self.rows[chosen], self.class_of[chosen]
        entries_only = self._entries_only.scores(messages.dense)
        own = np.flatnonzero(chosen < self._own)
        entries_only[own] = self._entries_only.without_each(chosen[own])
        centroid = messages.dense @ self._centroids.T
        rests = self.ridge.sums[classes] - self._weight[chosen, None] * messages.dense
        centroid[np.arange(len(chosen)), classes] = to_rest(messages.dense, rests, self.sizes[classes] == 1)
        return self._compared(
            messages,
            self.ridge.without_each(chosen),
            entries_only,
            centroid,
            self._mean_removed.centroid_without_each(messages.dense, chosen),
            self._entry_terms.without_each(messages.terms, classes),
            excluded=list(chosen[:, None]),
        )

    def without_groups(self, chosen: Sequence[EntryIndices], groups: Sequence[EntryIndices]) -> Evidence:
        """Returns the evidence for texts, each scored as if a whole group of texts and their classes did not exist.

        The texts at the indices ``chosen[k]`` are scored without the texts at ``groups[k]``, which include them.
        The indices must be in ascending order.
        """
        messages = self.rows[np.concatenate(chosen)]
        vectors = [self.rows.dense[some] for some in chosen]
        scores = self.ridge.without_groups(vectors, groups)
        entries_only = self._entries_only.without_groups(vectors, [group[group < self._own] for group in groups])
        centroid = messages.dense @ self._centroids.T
        without_mean = self._mean_removed.centroid(messages.dense)
        excluded = [group for some, group in zip(chosen, groups, strict=True) for _ in some]
        for row, own_row, group in zip(centroid, without_mean, excluded, strict=True):
            row[self.class_of[group]] = ABSENT
            own_row[self.class_of[group[group < self._own]]] = ABSENT
        terms = self._entry_terms.without_classes(
            [self.rows.terms[some] for some in chosen], [np.unique(self.class_of[group]) for group in groups]
        )
        return self._compared(messages, scores, entries_only, centroid, without_mean, terms, excluded=excluded)

    def _compared(
        self,
        messages: FeatureMatrix,
        scores: Scores,
        entries_only: Scores,
        centroid: Scores,
        centroid_without_mean: Scores,
        terms: TermScores,
        *,
        excluded: Sequence[EntryIndices] = (),
    ) -> Evidence:
        """Returns the evidence: the given scores, and those from the comparison with every text.

        Message k is not compared with the texts at ``excluded[k]``.
        """
        parts = [
            self._some_compared(messages[start : start + AT_ONCE], excluded[start : start + AT_ONCE])
            for start in range(0, max(len(messages), 1), AT_ONCE)
        ]
        shares, nearest, without_mean = (np.concatenate(column) for column in zip(*parts, strict=True))
        unusual = self._vectorizer.requests.scores(messages)[:, -1:]
        return Evidence(
            scores,
            shares,
            nearest,
            centroid,
            entries_only,
            without_mean,
            centroid_without_mean,
            terms.missed_weight,
            terms.missed_share,
            terms.unknown,
            terms.said,
            unusual,
        )

    def _some_compared(self, messages: FeatureMatrix, excluded: Sequence[EntryIndices]) -> tuple[Scores, ...]:
        """Returns the shares, and the similarities to the nearest texts with and without the mean."""
        few = len(messages) <= FEW and not excluded
        meaning = self._vectors.products(messages.dense) if few else messages.dense @ self.rows.dense.T
        similarity = messages.letter_similarity(self.rows)
        similarity *= self._numbers.letters_weight
        similarity += meaning
        for row, positions in enumerate(excluded):
            meaning[row, positions] = ABSENT
            similarity[row, positions] = -np.inf
        without_mean = self._mean_removed.nearest(messages.dense, meaning[:, : self._own])
        if not self.classes:
            return similarity, meaning, without_mean
        similarity -= similarity.max(axis=1, keepdims=True, initial=ABSENT)
        similarity /= self._numbers.temperature * (1 + self._numbers.letters_weight)
        np.exp(similarity, out=similarity)
        shares = np.add.reduceat(similarity, self.starts, axis=1)
        shares /= shares.sum(axis=1, keepdims=True)
        return shares, np.maximum.reduceat(meaning, self.starts, axis=1), without_mean


def _without(
    vectorizer: Vectorizer, silenced: Collection[int]
) -> tuple[FeatureMatrix, EntryIndices, tuple[OutOfScopeTopic, ...]]:
    """Returns the background's rows, the group number of each row, and the topics, without the ``silenced`` topics."""
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
    """Returns three lists with an item per id: its utterances, its other texts, and the index of its topic.

    The other texts are the passages of its answers, for all audiences, and the utterances that it has ``taken`` over.
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


def _counterexamples(entries: Sequence[Entry], ids: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    """Maps the index of each id to its counterexamples, if any, except those that are also an utterance of an entry."""
    if not any(entry.counterexamples for entry in entries):
        return {}
    said = {utterance for entry in entries for utterance in plain_all(entry.utterances)}
    found: dict[str, dict[str, None]] = {}
    for entry in entries:
        kept = dict.fromkeys(one for one in entry.counterexamples if plain(one) not in said)
        found[entry.id] = found.get(entry.id, {}) | kept
    return {number: tuple(found[id]) for number, id in enumerate(ids) if found[id]}


def _numbered(texts: Sequence[tuple[str, ...]]) -> EntryIndices:
    """Returns the index of each tuple, repeated once for each of the tuple's texts."""
    return np.repeat(np.arange(len(texts)), [len(some) for some in texts]).astype(np.int64)
