"""Scores a message against every entry, matter and theme; made anew at each publish from the entries' wordings.

Called by ``answerer`` for messages and by ``calibration`` for texts whose answer is known and that are left out. Four
views of a message: a classifier over meaning (``ridge``), the same that knows the entries alone, how near it is to the
middle of each class, and how much of its likeness to all texts, by meaning and letters, falls on each class. The second
ranks entries of few wordings better, since five thousand texts of the background do not weigh them down; the first
knows what is no entry. Of each view it is known at once what it would say of a text that had never been there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from bot.faq.entries.entry import Entry
from bot.faq.entries.passages import passages
from bot.faq.ranking.background import Matter
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.ridge import Places, Ridge, Scores
from bot.faq.ranking.vectorizer import Rows, TextSpace

ABSENT = -1.0
LEAST_LENGTH = 1e-6
NO_MATTERS: Mapping[int, str | None] = {}
AT_ONCE = 256
"""How many messages are compared together: bounds the memory."""


@dataclass(frozen=True)
class Evidence:
    """What is known of messages, a row each and a column a class (entries, then matters, then themes): ``scores`` of
    the classifier, ``shares`` of the likeness (each row sums to 1), ``nearest`` text of the class by meaning, nearness
    to the ``middle`` of its texts; and ``among``, the scores of the classifier of the entries alone, a column an entry.
    """

    scores: Scores
    shares: Scores
    nearest: Scores
    middle: Scores
    among: Scores

    @classmethod
    def stacked(cls, parts: Sequence[Evidence]) -> Evidence:
        """The messages of all parts."""
        columns = zip(*([getattr(part, one.name) for one in fields(cls)] for part in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))


class Index:
    """Class k < len(ids) is the entry ``ids[k]``; then come the background's matters and themes, in its order."""

    def __init__(
        self, entries: Sequence[Entry], space: TextSpace, silenced: Mapping[int, str | None] = NO_MATTERS
    ) -> None:
        """``silenced`` are the numbers of matters that are left out, each with the entry that takes its wordings over
        if there is one, see ``overlapping``.
        """
        self._space, self._numbers = space, tuned().index
        background, group_of, self.matters = _without(space, silenced)
        self.ids = tuple(dict.fromkeys(entry.id for entry in entries))
        taken = {id: space.matters[number].wordings for number, id in silenced.items() if id}
        said, written, topic_of = _texts(entries, self.ids, taken)
        own = Rows.stacked([space.background[:0], *map(space.rows, said), *map(space.rows, written)])
        places = np.concatenate([_numbered(said), _numbered(written)])
        order = np.argsort(places, kind="stable")
        self.rows = Rows.stacked([own[order], background])
        self.class_of = np.concatenate([places[order], len(self.ids) + group_of]).astype(np.int64)
        self.classes = len(self.ids) + space.groups - len(silenced)
        self.sizes = np.bincount(self.class_of, minlength=self.classes)
        """How many texts each class has."""
        self._starts = np.searchsorted(self.class_of, np.arange(self.classes))
        is_said = np.concatenate([np.ones(sum(map(len, said)), bool), np.zeros(sum(map(len, written)), bool)])[order]
        self.wordings = np.flatnonzero(is_said)
        """Places among ``rows`` of what citizens would say."""
        self.topic_of = np.array(topic_of, dtype=np.int64)[self.class_of[: len(order)]]
        weight = np.ones(len(self.rows), np.float32)
        weight[: len(order)][~is_said] = self._numbers.passage_weight
        self._own = len(order)
        self._ridge = Ridge(self.rows.dense, self.class_of, weight, self._numbers.regularisation)
        self._weight, lengths = weight, np.linalg.norm(self._ridge.sums, axis=1, keepdims=True)
        self._middles: Scores = self._ridge.sums / np.maximum(lengths, LEAST_LENGTH)

    @cached_property
    def _among(self) -> Ridge:
        """The classifier of the entries alone; an index that only says what is overlapping never makes it."""
        own = slice(self._own)
        return Ridge(self.rows.dense[own], self.class_of[own], self._weight[own], self._numbers.regularisation_among)

    def overlapping(self) -> dict[int, str | None]:
        """Numbers of the matters that an entry is about too: some of its wordings, each left out, would be taken for
        the matter, and the two are alike as a whole. An agency may write an entry for what the atlas gives to others.
        With each the id of the entry, when it is surely that matter's own.
        """
        if not self.ids or not self.matters:
            return {}
        entries, matters = len(self.ids), len(self.matters)
        likeness = self._likeness(entries, matters)
        alike = likeness >= self._numbers.alike
        near = np.flatnonzero(alike.any(axis=1))
        suspects = self.wordings[np.isin(self.class_of[self.wordings], near)]
        dense, own = self.rows.dense[suspects], self.class_of[suspects]
        share = ((dense @ self._ridge.inverse) * dense).sum(axis=1)
        scores = dense @ self._ridge.coefficients[:, : entries + matters]
        scores[np.arange(len(own)), own] -= share
        scores[np.arange(len(own)), own] /= 1 - share
        taken = scores.argmax(axis=1)
        astray = np.zeros((entries, matters), np.int32)
        np.add.at(astray, (own[taken >= entries], taken[taken >= entries] - entries), 1)
        said = np.bincount(own, minlength=entries)[:, None]
        overlap = (astray >= self._numbers.astray_share * said) & alike
        best = np.where(overlap, likeness, ABSENT)
        surely = (best >= self._numbers.same) & (best == best.max(axis=1, keepdims=True)) & (best == best.max(axis=0))
        takes = {int(matter): self.ids[entry] for entry, matter in np.argwhere(surely)}
        return {matter: takes.get(matter) for matter in np.flatnonzero(overlap.any(axis=0)).tolist()}

    def _likeness(self, entries: int, matters: int) -> Scores:
        """How alike each entry and each matter are as a whole: [entry, matter]."""
        centres = np.add.reduceat(self.rows.dense, self._starts, axis=0)
        centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), LEAST_LENGTH)
        likeness: Scores = centres[:entries] @ centres[entries : entries + matters].T
        return likeness

    def evidence(self, messages: Rows) -> Evidence:
        """Of messages that are not among the texts."""
        dense = messages.dense
        return self._compared(messages, self._ridge.scores(dense), self._among.scores(dense), dense @ self._middles.T)

    def with_each(self, chosen: Places) -> Evidence:
        """Of the texts at ``chosen`` as they stand among the others."""
        return self.evidence(self.rows[chosen])

    def without_each(self, chosen: Places) -> Evidence:
        """Of the texts at ``chosen`` as if each alone had been left out."""
        messages, classes = self.rows[chosen], self.class_of[chosen]
        among = self._among.scores(messages.dense)
        own = np.flatnonzero(chosen < self._own)
        among[own] = self._among.without_each(chosen[own])
        middle = messages.dense @ self._middles.T
        rest = self._ridge.sums[classes] - self._weight[chosen, None] * messages.dense
        nearness = (messages.dense * rest).sum(axis=1) / np.maximum(np.linalg.norm(rest, axis=1), LEAST_LENGTH)
        middle[np.arange(len(chosen)), classes] = np.where(self.sizes[classes] > 1, nearness, ABSENT)
        return self._compared(messages, self._ridge.without_each(chosen), among, middle, out=list(chosen[:, None]))

    def without_groups(self, chosen: Sequence[Places], groups: Sequence[Places]) -> Evidence:
        """Of the texts at ``chosen`` as if all those of their group, themselves among them, and its classes were gone:
        ``groups[k]``, ascending, is what is left out for all of ``chosen[k]``.
        """
        messages = self.rows[np.concatenate(chosen)]
        asked = [self.rows.dense[some] for some in chosen]
        scores = self._ridge.without_groups(asked, groups)
        among = self._among.without_groups(asked, [group[group < self._own] for group in groups])
        middle = messages.dense @ self._middles.T
        out = [group for some, group in zip(chosen, groups, strict=True) for _ in some]
        for row, group in zip(middle, out, strict=True):
            row[self.class_of[group]] = ABSENT
        return self._compared(messages, scores, among, middle, out=out)

    def _compared(
        self, messages: Rows, scores: Scores, among: Scores, middle: Scores, *, out: Sequence[Places] = ()
    ) -> Evidence:
        """``out`` names for each message the texts that it must not be compared with."""
        parts = [
            self._some_compared(messages[start : start + AT_ONCE], out[start : start + AT_ONCE])
            for start in range(0, max(len(messages), 1), AT_ONCE)
        ]
        shares, nearest = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Evidence(scores, shares, nearest, middle, among)

    def _some_compared(self, messages: Rows, out: Sequence[Places]) -> tuple[Scores, Scores]:
        meaning = messages.dense @ self.rows.dense.T
        both = messages.letters_likeness(self.rows)
        both *= self._numbers.letters_weight
        both += meaning
        for row, places in enumerate(out):
            meaning[row, places] = ABSENT
            both[row, places] = -np.inf
        if not self.classes:
            return both, meaning
        both -= both.max(axis=1, keepdims=True, initial=ABSENT)
        both /= self._numbers.temperature * (1 + self._numbers.letters_weight)
        np.exp(both, out=both)
        shares = np.add.reduceat(both, self._starts, axis=1)
        shares /= shares.sum(axis=1, keepdims=True)
        return shares, np.maximum.reduceat(meaning, self._starts, axis=1)


def _without(space: TextSpace, silenced: Collection[int]) -> tuple[Rows, Places, tuple[Matter, ...]]:
    """The background's rows, the number of each row's group, and the matters, without those ``silenced``."""
    if not silenced:
        return space.background, space.group_of, space.matters
    kept = ~np.isin(space.group_of, list(silenced))
    _, renumbered = np.unique(space.group_of[kept], return_inverse=True)
    matters = tuple(matter for number, matter in enumerate(space.matters) if number not in silenced)
    return space.background[np.flatnonzero(kept)], renumbered.astype(np.int64), matters


def _texts(
    entries: Sequence[Entry], ids: tuple[str, ...], taken: Mapping[str, Sequence[str]]
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]], list[int]]:
    """For each id its wordings; its passages (of all its audiences) and what it has ``taken`` over; and the number of
    its topic.
    """
    said: dict[str, dict[str, None]] = {id: {} for id in ids}
    written: dict[str, dict[str, None]] = {id: {} for id in ids}
    topics = {entry.id: entry.topic for entry in reversed(entries)}
    for entry in entries:
        said[entry.id] |= dict.fromkeys(entry.wordings)
        written[entry.id] |= dict.fromkeys(passages(entry))
    for id, wordings in taken.items():
        written[id] |= dict.fromkeys(wordings)
    numbers = {topic: number for number, topic in enumerate(dict.fromkeys(topics[id] for id in ids))}
    return [tuple(said[id]) for id in ids], [tuple(written[id]) for id in ids], [numbers[topics[id]] for id in ids]


def _numbered(texts: Sequence[tuple[str, ...]]) -> Places:
    """The number of each tuple, once for each of its texts."""
    return np.repeat(np.arange(len(texts)), [len(some) for some in texts]).astype(np.int64)
