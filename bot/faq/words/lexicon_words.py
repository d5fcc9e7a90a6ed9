"""Reduces words to the form in which the lexicon compares them: the phonetic spelling of their singular.

*karnets* and *carnet* become the same word. Words of up to three letters, mostly acronyms, keep their spelling, since
*CI* is not *si*; so do words with digits.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.text.normalize import SHORT_FORMS, phonetic, plain

# Words that citizens may leave out of a form or add to it: *permiso circulación*, *patente de mi auto*.
LINKING = frozenset("de del el la los las mi mis su sus un una al".split())
SPELLED_LENGTH = 3
SINGULAR_LENGTH = 4
PERRO = re.compile("perr+o+s*")  # its phonetic spelling is that of «pero», which says nothing
KEPT_WORDS = 20_000


def words(text: str) -> tuple[str, ...]:
    """Returns the words of ``text`` as the lexicon compares them: in the phonetic spelling of their singular.

    All words are normalized by ``plain``, and chat abbreviations are spelled out. Words of up to three letters, and
    those with digits, keep their spelling.
    """
    return tuple(part for word in plain(text).split() for part in _reduced(word))


def form_key(form: str) -> tuple[str, ...]:
    """Returns the words, as given by ``words``, that a text must contain, in order, to name ``form``.

    Linking words after the first word are omitted.
    """
    first, *rest = words(form) or ("",)
    return (first, *(word for word in rest if word not in LINKING)) if first else ()


def _reduced(word: str) -> tuple[str, ...]:
    """Reduces a word; results for words with digits are not cached, since they may be personal data."""
    return _reduced_letters(word) if word.isalpha() else (word,)


@lru_cache(maxsize=KEPT_WORDS)
def _reduced_letters(word: str) -> tuple[str, ...]:
    return tuple(_singular(part) for part in SHORT_FORMS.get(word, word).split())


def _singular(word: str) -> str:
    if len(word) <= SPELLED_LENGTH:
        return word
    if PERRO.fullmatch(word):
        return "perro"
    singular = phonetic(word)
    for ending in "se":
        if len(singular) >= SINGULAR_LENGTH:
            singular = singular.removesuffix(ending)
    return singular
