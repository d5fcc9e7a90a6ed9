"""Knows the names that agencies use for what people call otherwise: *el karnet* is the cédula de identidad.

Editors extend the spreadsheets data/lexicon/*.csv (``lexicon_sheet``); `ventanilla check` shows their problems.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from bot.faq.entries.problem import Problem
from bot.faq.words.lexicon_sheet import Key, Sheets, read_sheets
from bot.faq.words.lexicon_words import LINKING, form_key, words


class Part(NamedTuple):
    """A piece of a text: the ``words`` it is, reduced, and the ``term`` that they name, "" when none."""

    words: Key
    term: str


class Lexicon:
    """Terms and the forms that mean the same. Never changes; safe to call from several threads."""

    def __init__(self, sheets: Sheets) -> None:
        self.problems: tuple[Problem, ...] = tuple(sheets.problems)
        self._terms: dict[Key, str] = dict(sheets.forms)
        self._spelled = {term: _joined(form_key(term)) for term in self._terms.values()}
        self._longest: dict[str, int] = {}
        for key in self._terms:
            self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))

    def __len__(self) -> int:
        return len(self._spelled)

    def usual(self, text: str) -> str:
        """The terms that ``text`` names by another form, in its order, between spaces; "" when there are none.

        A term that the text says itself, in whatever spelling, is left out. About 0.05 ms.
        """
        said = words(text)
        whole = _joined(word for word in said if word not in LINKING)
        named = dict.fromkeys(part.term for part in self._parts(said) if part.term)
        return " ".join(term for term in named if self._spelled[term] not in whole)

    def parts(self, text: str) -> tuple[Part, ...]:
        """All of ``text`` in its order, cut into the terms that it names and single words. Of forms that overlap the
        first counts, and of those that begin together the longest.
        """
        return tuple(self._parts(words(text)))

    def _parts(self, said: Key) -> Iterator[Part]:
        content = [place for place, word in enumerate(said) if word not in LINKING]
        place = 0
        while place < len(said):
            end, term = self._named_at(place, said, content)
            yield Part(said[place:end], term)
            place = end

    def _named_at(self, place: int, said: Key, content: list[int]) -> tuple[int, str]:
        """Where the longest form that begins at ``place`` ends, and its term."""
        most = self._longest.get(said[place], 0)
        if most:
            after = bisect_right(content, place)
            places = [place, *content[after : after + most - 1]]
            for size in range(len(places), 0, -1):
                term = self._terms.get(tuple(said[one] for one in places[:size]))
                if term is not None:
                    return places[size - 1] + 1, term
        return place + 1, ""


def load_lexicon(data_dir: Path) -> Lexicon:
    """The lexicon of ``data_dir``/lexicon; without files it knows nothing."""
    return Lexicon(read_sheets(data_dir))


def _joined(parts: Iterable[str]) -> str:
    """With a space at both ends, so that whole words are found in it."""
    return f" {' '.join(parts)} "
