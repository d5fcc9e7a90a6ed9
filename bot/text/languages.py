"""Recognizes the language of a message by the common words of a few languages, listed in bot/core/texts/idiomas.yml.

No language model is used: models for a hundred languages often mistake short chat Spanish for another language, which
is worse than missing another language.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from bot.core.texts import area, say
from bot.text.normalize import plain

PHRASE = 2  # one phrase counts as this many words
ENOUGH = 2  # minimum number of words of the language that are not also Spanish
# A message is in another language if the words found only in that language are more than QUOTED times as many as the
# words found only in Spanish: citizens quote error messages in other languages.
QUOTED = 3
PLAIN = 2  # minimum number of Spanish words, unknown in each other language, in a plainly Spanish message
LONG = 8  # a message of this many words is long enough for its language to be certain


class Language(StrEnum):
    """A language that the assistant recognizes, as an ISO 639 code. All staff and the assistant speak Spanish."""

    SPANISH = "es"
    ENGLISH = "en"
    PORTUGUESE = "pt"
    CREOLE = "ht"
    FRENCH = "fr"

    @property
    def words(self) -> str:
        """Returns the language's name in Spanish."""
        return say(f"idiomas.{self.value}.nombre")


OTHERS = tuple(one for one in Language if one is not Language.SPANISH)


@dataclass(frozen=True)
class _Marks:
    """The common words and phrases of one language."""

    words: frozenset[str]
    phrases: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()  # phrases that ask for this language


def recognised(text: str) -> Language | None:
    """Returns the language of the message; None if the message is or may be Spanish."""
    normal = plain(text)
    if asked := next((one for one in OTHERS if _phrases_in(normal, _marks(one).asked)), None):
        return asked
    words, spanish = frozenset(normal.split()), _marks(Language.SPANISH).words
    found = {language: _count(normal, words, language) for language in OTHERS}
    best = max(found, key=lambda language: found[language])
    own, total = found[best]
    only_spanish = len((words & spanish) - _marks(best).words)
    certain = own >= ENOUGH and own > QUOTED * only_spanish and total > len(words & spanish)
    return best if certain else None


def is_plainly_spanish(text: str) -> bool:
    """Returns whether the message is clearly Spanish.

    For each other language, the message must contain at least PLAIN Spanish words that do not exist in the other
    language.
    """
    spanish = _marks(Language.SPANISH).words & set(plain(text).split())
    return recognised(text) is None and all(len(spanish - _marks(one).words) >= PLAIN for one in OTHERS)


def is_long(text: str) -> bool:
    return len(plain(text).split()) >= LONG


def _count(text: str, words: frozenset[str], language: Language) -> tuple[int, int]:
    """Counts the words that belong to the language: first without those that are also Spanish, then all of them.

    A phrase counts as PHRASE words.
    """
    marks = _marks(language)
    phrases = PHRASE * _phrases_in(text, marks.phrases)
    theirs = words & marks.words
    return len(theirs - _marks(Language.SPANISH).words) + phrases, len(theirs) + phrases


def _phrases_in(text: str, phrases: tuple[str, ...]) -> int:
    """Counts the phrases that the message contains."""
    return sum(f" {phrase} " in f" {text} " for phrase in phrases)


@cache
def _marks(language: Language) -> _Marks:
    raw = area("idiomas")[language.value]
    return _Marks(frozenset(raw["palabras"].split()), tuple(raw.get("frases", ())), tuple(raw.get("lo_piden", ())))
