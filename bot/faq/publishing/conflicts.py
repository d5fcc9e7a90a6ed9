"""Finds entries and utterances that mean nearly the same in different words.

Every finding is advice that an editor must judge. Exact repetitions are left to ``duplicates``. Entries with the same
id never conflict, since they are one question for different audiences. With the thresholds of coefficients.yml, the
entries of this repository have only a few findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.faq.entries.entry import Entry
from bot.faq.entries.problem import Found, Problem
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.similarity import Floats, Similarity
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.words.content_terms import content_terms
from bot.faq.words.lexicon import Lexicon
from bot.text.normalize import plain


@dataclass(frozen=True)
class _Utterance:
    text: str
    entry: Entry

    @property
    def is_question(self) -> bool:
        return self.text == self.entry.question

    @property
    def field(self) -> str:
        return "pregunta" if self.is_question else "variantes"


def find(entries: Sequence[Entry], vectorizer: Vectorizer, lexicon: Lexicon) -> list[Problem]:
    """Returns advice about similar entries and utterances, sorted by file and line.

    Takes 1 s for 70 entries whose vectors are cached, and about 10 s for 10,000 utterances.
    """
    ids = {id: number for number, id in enumerate(dict.fromkeys(entry.id for entry in entries))}
    together = sorted(entries, key=lambda entry: ids[entry.id])
    utterances = [_Utterance(text, entry) for entry in together for text in entry.utterances]
    if len(ids) < 2:
        return []
    vectorizer.embed_ahead([utterance.text for utterance in utterances])
    dense = np.concatenate([vectorizer.rows(entry.utterances).dense for entry in together])
    terms = [content_terms(utterance.text, lexicon) for utterance in utterances]
    group_of = np.array([ids[utterance.entry.id] for utterance in utterances], dtype=np.int64)
    problems = list(_Conflicts(utterances, Similarity(dense, terms, group_of)).problems())
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line))


class _Conflicts:
    """The conflicts among a set of utterances."""

    def __init__(self, utterances: Sequence[_Utterance], similarity: Similarity) -> None:
        self._utterances, self._similarity, self._numbers = utterances, similarity, tuned().conflicts
        self._group_of = similarity.group_of
        self._nearest, self._few = similarity.to_groups()
        self._title = [utterances[row] for row in np.unique(self._group_of, return_index=True)[1].tolist()]
        self._same = self._same_entries()
        self._reported: set[int] = set()

    def problems(self) -> Iterator[Problem]:
        """Yields the conflicts; two entries that are similar as a whole get one problem, not one per utterance."""
        for one, other in sorted(self._same):
            if one < other:
                yield _advice("respuestas_parecidas", self._title[other], self._title[one].entry)
        yield from self._same_utterances()
        yield from self._misplaced()

    def _same_entries(self) -> set[tuple[int, int]]:
        rows, groups = self._nearest.shape
        own = np.nan_to_num(self._nearest[np.arange(rows), self._group_of], nan=1.0)
        sizes = np.bincount(self._group_of, minlength=groups)
        usual = np.maximum(np.bincount(self._group_of, own, minlength=groups) / sizes, self._numbers.minimum_own)
        towards = np.zeros((groups, groups))
        np.add.at(towards, self._group_of, np.nan_to_num(self._nearest, nan=0.0))
        alike = (towards + towards.T) / (sizes[:, None] + sizes[None, :]) / np.sqrt(usual[:, None] * usual[None, :])
        np.fill_diagonal(alike, 0)
        return {(int(one), int(other)) for one, other in np.argwhere(alike >= self._numbers.same_entries)}

    def _same_utterances(self) -> Iterator[Problem]:
        """Yields a problem for each pair of similar utterances, most similar first; no utterance is in two pairs."""
        pairs = self._similarity.pairs(least=self._numbers.same, least_shared=self._numbers.minimum_shared)
        for pair in sorted(pairs, key=lambda pair: -pair.similarity):
            groups = int(self._group_of[pair.earlier]), int(self._group_of[pair.later])
            if groups in self._same or not self._reported.isdisjoint((pair.earlier, pair.later)):
                continue
            self._reported |= {pair.earlier, pair.later}
            later, earlier = self._utterances[pair.later], self._utterances[pair.earlier]
            if plain(later.text) == plain(earlier.text):
                continue  # found by ``duplicates``
            yield _advice("variante_parecida", later, earlier.entry, parecido=earlier.text)

    def _misplaced(self) -> Iterator[Problem]:
        rows = np.arange(len(self._utterances))
        own = self._few[rows, self._group_of]
        elsewhere: Floats = self._few.copy()
        elsewhere[rows, self._group_of] = -np.inf
        nearest = np.nan_to_num(elsewhere, nan=-np.inf).argmax(axis=1)
        gain = elsewhere[rows, nearest] - own
        numbers = self._numbers
        clear = (gain >= numbers.misplaced) & (elsewhere[rows, nearest] >= numbers.minimum_elsewhere)
        for row in np.flatnonzero(clear).tolist():
            utterance, nearest_group = self._utterances[row], int(nearest[row])
            known = row in self._reported or (int(self._group_of[row]), nearest_group) in self._same
            if not utterance.is_question and not known:
                yield _advice("variante_de_otra", utterance, self._title[nearest_group].entry)


def _advice(code: str, utterance: _Utterance, other: Entry, **values: object) -> Problem:
    file, line = utterance.entry.place_of(utterance.text)
    found = Found(file)
    facts = {"escrito": utterance.text, "otro": other.path, "pregunta": other.question, **values}
    found.advise(code, line, utterance.field, **facts)
    return found.problems[0]
