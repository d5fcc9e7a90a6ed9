"""The languages in which people write: which one a message is in, and what each is called (bot/core/texts/idiomas.yml).

No model: the commonest words of a few languages tell them apart better than they tell short messages of chat Spanish
from a hundred languages, and taking Spanish for another language is the mistake that costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from bot.core.texts import area, say
from bot.text.normalize import plain

PHRASE = 2
"""A phrase counts as so many words."""
ENOUGH = 2
"""So many words that are not Spanish too, of a message in that language."""
QUOTED = 3
"""And more than so many times its words that are Spanish only: who quotes an error of a foreign page writes Spanish."""

PLAIN = 2
"""Of a message that is plainly Spanish each other language lacks so many Spanish words."""
LONG = 8
"""A message of so many words leaves no doubt of its language."""


class Language(StrEnum):
    """ISO 639. Everybody at the desk speaks Spanish, and so does the assistant."""

    SPANISH = "es"
    ENGLISH = "en"
    PORTUGUESE = "pt"
    CREOLE = "ht"
    FRENCH = "fr"

    @property
    def words(self) -> str:
        """What staff call it."""
        return say(f"idiomas.{self.value}.nombre")


OTHERS = tuple(one for one in Language if one is not Language.SPANISH)


@dataclass(frozen=True)
class _Marks:
    """What a language is known by."""

    words: frozenset[str]
    phrases: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


def recognised(text: str) -> Language | None:
    """The language, other than Spanish, that the message is in; None for Spanish and for whatever may be Spanish."""
    said = plain(text)
    if asked := next((one for one in OTHERS if _holds(said, _marks(one).asked)), None):
        return asked
    words, spanish = frozenset(said.split()), _marks(Language.SPANISH).words
    found = {language: _count(said, words, language) for language in OTHERS}
    best = max(found, key=lambda language: found[language])
    own, all_in_all = found[best]
    only_spanish = len((words & spanish) - _marks(best).words)
    surely = own >= ENOUGH and own > QUOTED * only_spanish and all_in_all > len(words & spanish)
    return best if surely else None


def is_plainly_spanish(text: str) -> bool:
    """Whether the message can be nothing but Spanish; a word or two that others have too tell nothing."""
    spanish = _marks(Language.SPANISH).words & set(plain(text).split())
    return recognised(text) is None and all(len(spanish - _marks(one).words) >= PLAIN for one in OTHERS)


def is_long(text: str) -> bool:
    return len(plain(text).split()) >= LONG


def _count(said: str, words: frozenset[str], language: Language) -> tuple[int, int]:
    """How much of the message is the language's and not Spanish too, and how much is the language's."""
    marks = _marks(language)
    phrases = PHRASE * _holds(said, marks.phrases)
    theirs = words & marks.words
    return len(theirs - _marks(Language.SPANISH).words) + phrases, len(theirs) + phrases


def _holds(said: str, phrases: tuple[str, ...]) -> int:
    """How many of the phrases are in it."""
    return sum(f" {phrase} " in f" {said} " for phrase in phrases)


@cache
def _marks(language: Language) -> _Marks:
    raw = area("idiomas")[language.value]
    return _Marks(frozenset(raw["palabras"].split()), tuple(raw.get("frases", ())), tuple(raw.get("lo_piden", ())))
