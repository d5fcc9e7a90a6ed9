"""Maps the names that people use to the terms that agencies use: *el karnet* is the cédula de identidad.

Editors maintain the CSV files data/lexicon/*.csv (``lexicon_sheet``); `ventanilla check` shows their problems.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from bot.faq.entries.problem import Problem
from bot.faq.words.lexicon_sheet import Key, Sheets, read_sheets
from bot.faq.words.lexicon_words import LINKING, form_key, words


class Part(NamedTuple):
    """A part of a text: its ``words`` as the lexicon compares them, and the ``term`` that they name ("" if none)."""

    words: Key
    term: str


class Lexicon:
    """Terms and the other names (forms) for them; immutable and thread-safe."""

    def __init__(self, sheets: Sheets) -> None:
        self.problems: tuple[Problem, ...] = tuple(sheets.problems)
        self._terms: dict[Key, str] = dict(sheets.forms)
        self._spelled = {term: _joined(form_key(term)) for term in self._terms.values()}
        self._longest: dict[str, int] = {}
        for key in self._terms:
            self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))

    def __len__(self) -> int:
        return len(self._spelled)

    @cached_property
    def key(self) -> str:
        """Returns a text that is the same for two lexicons with the same forms and terms."""
        return repr(sorted(self._terms.items()))

    def usual(self, text: str) -> str:
        """Returns the terms for which ``text`` uses another name, in order, joined with spaces; "" if there are none.

        Omits a term that the text itself contains, in any spelling. Takes about 0.05 ms.
        """
        said = words(text)
        whole = _joined(word for word in said if word not in LINKING)
        named = dict.fromkeys(part.term for part in self._parts(said) if part.term)
        return " ".join(term for term in named if self._spelled[term] not in whole)

    def parts(self, text: str) -> tuple[Part, ...]:
        """Splits ``text`` into parts, in order: forms that name a term, and single words.

        Of overlapping forms, the form that begins first is used; of forms that begin at the same word, the longest.
        """
        return tuple(self._parts(words(text)))

    def _parts(self, spoken: Key) -> Iterator[Part]:
        content = [position for position, word in enumerate(spoken) if word not in LINKING]
        position = 0
        while position < len(spoken):
            end, term = self._named_at(position, spoken, content)
            yield Part(spoken[position:end], term)
            position = end

    def _named_at(self, position: int, spoken: Key, content: list[int]) -> tuple[int, str]:
        """Returns the end and the term of the longest form at ``position``; without a form, ``position`` + 1 and ""."""
        most = self._longest.get(spoken[position], 0)
        if most:
            after = bisect_right(content, position)
            positions = [position, *content[after : after + most - 1]]
            for size in range(len(positions), 0, -1):
                term = self._terms.get(tuple(spoken[one] for one in positions[:size]))
                if term is not None:
                    return positions[size - 1] + 1, term
        return position + 1, ""


def load_lexicon(data_dir: Path) -> Lexicon:
    """Loads the lexicon from ``data_dir``/lexicon; if there are no files, the lexicon is empty."""
    return Lexicon(read_sheets(data_dir))


def _joined(parts: Iterable[str]) -> str:
    """Joins words with spaces and adds a space at each end, so that a search finds only whole words."""
    return f" {' '.join(parts)} "
