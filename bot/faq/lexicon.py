"""Knows the names that agencies use for what people call otherwise: *el karnet* is the cédula de identidad.

Called by ``space``, which reads a text together with its usual terms, and by `ventanilla check`, which shows the
problems of the spreadsheets. The words come from data/lexicon/*.csv (``lexicon_sheet``), which editors extend.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

from bot.faq.lexicon_sheet import Key, Sheets, read_sheets
from bot.faq.lexicon_words import LINKING, form_key, words
from bot.faq.problem import Problem


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

        Of forms that overlap the longest counts. A term that the text says itself, in whatever spelling, is left out.
        About 0.05 ms.
        """
        said = words(text)
        content = [place for place, word in enumerate(said) if word not in LINKING]
        whole = _joined(said[place] for place in content)
        named = dict.fromkeys(self._named(said, content))
        return " ".join(term for term in named if self._spelled[term] not in whole)

    def _named(self, said: Key, content: list[int]) -> Iterator[str]:
        place = 0
        while place < len(said):
            most = self._longest.get(said[place], 0)
            after = bisect_right(content, place)
            places = [place, *content[after : after + most - 1]] if most else []
            for size in range(len(places), 0, -1):
                term = self._terms.get(tuple(said[one] for one in places[:size]))
                if term is not None:
                    place = places[size - 1]
                    yield term
                    break
            place += 1


def load_lexicon(data_dir: Path) -> Lexicon:
    """The lexicon of ``data_dir``/lexicon; without files it knows nothing."""
    return Lexicon(read_sheets(data_dir))


def _joined(parts: Iterator[str] | Key) -> str:
    """With a space at both ends, so that whole words are found in it."""
    return f" {' '.join(parts)} "
