"""Finds what the words of two entries alone do not show: that their questions mean nearly the same.

Exact repetitions are errors (``duplicates``); here everything is a warning,
for an editor to judge. Entries with the same id are one question for different audiences and never in conflict. With
the thresholds of coefficients.yml a handful of findings remain on the entries that come with Ventanilla.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.faq.entries.entry import Entry
from bot.faq.entries.problem import Found, Problem
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.similarity import Floats, Resemblance
from bot.faq.ranking.vectorizer import TextSpace
from bot.faq.words.content_terms import essence
from bot.faq.words.lexicon import Lexicon


@dataclass(frozen=True)
class _Wording:
    text: str
    entry: Entry

    @property
    def line(self) -> int:
        return self.entry.lines.get(self.text, self.entry.lines.get("pregunta", 1))

    @property
    def is_question(self) -> bool:
        return self.text == self.entry.question

    @property
    def field(self) -> str:
        return "pregunta" if self.is_question else "variantes"


def find(entries: Sequence[Entry], space: TextSpace, lexicon: Lexicon) -> list[Problem]:
    """Warnings, in order of file and line. 1 s for 70 entries whose vectors are known, some 10 s for 10,000
    wordings."""
    ids = {id: number for number, id in enumerate(dict.fromkeys(entry.id for entry in entries))}
    together = sorted(entries, key=lambda entry: ids[entry.id])
    wordings = [_Wording(text, entry) for entry in together for text in entry.wordings]
    if len(ids) < 2:
        return []
    space.embed_ahead([wording.text for wording in wordings])
    dense = np.concatenate([space.rows(entry.wordings).dense for entry in together])
    about = [essence(wording.text, lexicon) for wording in wordings]
    group_of = np.array([ids[wording.entry.id] for wording in wordings], dtype=np.int64)
    problems = list(_Conflicts(wordings, Resemblance(dense, about, group_of)).problems())
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line))


class _Conflicts:
    """What is found in one comparison."""

    def __init__(self, wordings: Sequence[_Wording], resemblance: Resemblance) -> None:
        self._wordings, self._resemblance, self._numbers = wordings, resemblance, tuned().conflicts
        self._group_of = resemblance.group_of
        self._nearest, self._few = resemblance.to_groups()
        self._title = [wordings[row] for row in np.unique(self._group_of, return_index=True)[1].tolist()]
        self._same = self._same_entries()
        self._told: set[int] = set()

    def problems(self) -> Iterator[Problem]:
        """Of entries that are the same as a whole nothing else is said."""
        for one, other in sorted(self._same):
            if one < other:
                yield _warning("respuestas_parecidas", self._title[other], self._title[one].entry)
        yield from self._same_wordings()
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

    def _same_wordings(self) -> Iterator[Problem]:
        """The clearest first; a wording is told of once."""
        pairs = self._resemblance.pairs(least=self._numbers.same, least_shared=self._numbers.minimum_shared)
        for pair in sorted(pairs, key=lambda pair: -pair.resemblance):
            groups = int(self._group_of[pair.earlier]), int(self._group_of[pair.later])
            if groups in self._same or not self._told.isdisjoint((pair.earlier, pair.later)):
                continue
            self._told |= {pair.earlier, pair.later}
            later, earlier = self._wordings[pair.later], self._wordings[pair.earlier]
            yield _warning("variante_parecida", later, earlier.entry, parecido=earlier.text)

    def _misplaced(self) -> Iterator[Problem]:
        rows = np.arange(len(self._wordings))
        own = self._few[rows, self._group_of]
        elsewhere: Floats = self._few.copy()
        elsewhere[rows, self._group_of] = -np.inf
        nearest = np.nan_to_num(elsewhere, nan=-np.inf).argmax(axis=1)
        gain = elsewhere[rows, nearest] - own
        numbers = self._numbers
        clear = (gain >= numbers.misplaced) & (elsewhere[rows, nearest] >= numbers.minimum_elsewhere)
        for row in np.flatnonzero(clear).tolist():
            wording, there = self._wordings[row], int(nearest[row])
            known = row in self._told or (int(self._group_of[row]), there) in self._same
            if not wording.is_question and not known:
                yield _warning("variante_de_otra", wording, self._title[there].entry)


def _warning(code: str, wording: _Wording, other: Entry, **values: object) -> Problem:
    found = Found(wording.entry.path)
    facts = {"escrito": wording.text, "otro": other.path, "pregunta": other.question, **values}
    found.warn(code, wording.line, wording.field, **facts)
    return found.problems[0]
