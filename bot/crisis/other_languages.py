"""Recognizes dangers described in another language by the phrases of ``otros_idiomas`` in phrases.yml.

The Spanish rules for other times and places do not apply to these phrases. A phrase that may mean something harmless
makes a danger only possible, and does not count in a message of a third language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from bot.crisis.phrases import compile_phrases, fold_text
from bot.text.languages import Language, recognised

MOST_WORDS_ALONE = 4  # of a message in which one word counts: «she have pain»
CUT = " _ "  # in place of a harmless use; no phrase contains it
RawPhrases = Mapping[str, list[str]]


@dataclass(frozen=True)
class ForeignDanger:
    """A danger described in ``language``; ``kind`` is a key of ``emergencias`` in agency.yml.

    Unless ``sure``, the danger is only possible.
    """

    kind: str
    language: Language
    sure: bool


@dataclass(frozen=True)
class ForeignPhrases:
    """The phrases of one language, compiled, by kind; ``harmless`` uses are cut out of a message before the search.

    The words of ``alone`` count only in a short message that has none of ``not_alone`` («blood test»).
    """

    language: Language
    sure: tuple[tuple[str, re.Pattern[str]], ...]
    possible: tuple[tuple[str, re.Pattern[str]], ...]
    harmless: re.Pattern[str]
    alone: tuple[tuple[str, re.Pattern[str]], ...]
    not_alone: re.Pattern[str]

    @classmethod
    def from_file(cls, language: str, raw: Mapping[str, RawPhrases], harmless: list[str], not_alone: list[str]) -> Self:
        """Compiles one language of the file. Raises ValueError for an unknown language, KeyError for a missing list."""
        lists = {name: str(words) for name, words in raw["listas"].items()}
        sure, possible, alone = (
            tuple((kind, compile_phrases(phrases, lists)) for kind, phrases in raw[group].items())
            for group in ("seguras", "posibles", "solas")
        )
        never, not_there = compile_phrases(harmless, lists), compile_phrases(not_alone, lists)
        return cls(Language(language), sure, possible, never, alone, not_there)

    def find(self, folded: str, *, sure: bool) -> ForeignDanger | None:
        """Returns the first danger that a phrase finds in the folded text; None if none does.

        ``sure`` selects the unambiguous phrases; without ``sure``, only the ambiguous phrases count.
        """
        said = self.harmless.sub(CUT, folded)
        groups = self.sure if sure else self.possible
        kind = next((kind for kind, pattern in groups if pattern.search(said)), None)
        return ForeignDanger(kind, self.language, sure) if kind else None

    def find_alone(self, folded: str) -> str:
        """Returns the kind of danger that a word in the short, folded message names; '' if there is none."""
        if len(folded.split()) > MOST_WORDS_ALONE or self.not_alone.search(folded):
            return ""
        return next((kind for kind, pattern in self.alone if pattern.search(folded)), "")


def find_sure(phrases: tuple[ForeignPhrases, ...], text: str) -> ForeignDanger | None:
    """Returns the danger of the first phrase that cannot mean anything else; None if there is none."""
    folded = fold_text(text)
    return next((found for one in phrases if (found := one.find(folded, sure=True))), None)


def find_possible(phrases: tuple[ForeignPhrases, ...], text: str) -> ForeignDanger | None:
    """Returns the danger of the first ambiguous phrase, unless the text is in a third language; else None."""
    folded = fold_text(text)
    found = [danger for one in phrases if (danger := one.find(folded, sure=False))]
    return next((one for one in found if recognised(text) in (None, one.language)), None)


def find_alone(phrases: tuple[ForeignPhrases, ...], text: str, language: str) -> str:
    """Returns the kind of danger that one word of a short text names, if its citizen writes ``language``; or ''."""
    folded = fold_text(text)
    return next((one.find_alone(folded) for one in phrases if one.language == language), "")
