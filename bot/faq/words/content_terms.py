"""What a wording is about, as a set of words that can be compared: *¿Cuánto vale el carnet?* is precio and cédula.

Called by ``conflicts``. Names are replaced by the lexicon's terms, other words by their stems; what says nothing of the
matter is left out.
"""

from __future__ import annotations

import re
from functools import lru_cache

import snowballstemmer

from bot.core.texts import say
from bot.faq.words.lexicon import Lexicon
from bot.faq.words.lexicon_words import SPELLED_LENGTH, form_key, words

TURNING = frozenset(("no", "sin", "nunca", "ni", "consultar"))
"""Words that say little of a message's matter, but turn what is asked: *no pagar*, *consultar multas*."""
OPENED = ((re.compile("[uw]e"), "o"), (re.compile("y?e"), "e"))
"""Vowels that open under stress, in folded letters: *renuevo* is renovar, *pierdo* is perder."""
KEPT_STEMS = 20_000


def content_terms(text: str, lexicon: Lexicon) -> frozenset[str]:
    """The terms and stems that ``text`` is about; nothing when it says nothing."""
    said: set[str] = set()
    for part in lexicon.parts(text):
        key = form_key(part.term) if part.term else part.words
        if len(key) > 1:
            said.add(part.term)
        elif part.term or (len(key[0]) > 1 and key[0] not in _fillers()):
            said.add(_stem(key[0]))
    return frozenset(said)


@lru_cache(maxsize=1)
def _fillers() -> frozenset[str]:
    empty = (word for word in say("faq.palabras_vacias").split() if word not in TURNING)
    return frozenset(reduced for word in empty for reduced in words(word))


@lru_cache(maxsize=KEPT_STEMS)
def _stem(word: str) -> str:
    """Uses a stemmer of its own: one keeps its word in itself, so that two threads must not share it."""
    if len(word) <= SPELLED_LENGTH:
        return word
    stem = str(snowballstemmer.stemmer("spanish").stemWord(word))
    for opened, closed in OPENED:
        stem = opened.sub(closed, stem)
    return stem
