"""Extracts the content terms of an utterance for comparison.

*¿Cuánto vale el carnet?* gives *cédula de identidad* and the phonetic stem of *precio*: other names are replaced by the
lexicon's terms, single words are reduced to phonetic stems, and words without content are omitted.
"""

from __future__ import annotations

import re
from functools import lru_cache

import snowballstemmer

from bot.core.texts import say
from bot.faq.words.lexicon import Lexicon
from bot.faq.words.lexicon_words import SPELLED_LENGTH, form_key, words
from bot.text.normalize import KEPT_LENGTH

# Words that have little content but change the question: *no pagar*, *consultar multas*.
TURNING = frozenset(("no", "sin", "nunca", "ni", "consultar"))
# Stressed diphthongs, as ``phonetic`` spells them, and the vowel of the infinitive: *renuevo* comes from renovar.
OPENED = ((re.compile("[uw]e"), "o"), (re.compile("y?e"), "e"))
KEPT_STEMS = 20_000


def content_terms(text: str, lexicon: Lexicon) -> frozenset[str]:
    """Returns the content terms of ``text``: lexicon terms of several words, and phonetic stems of other words.

    Returns an empty set if the text has no content words.
    """
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


def _stem(word: str) -> str:
    """Returns the stem of a word in phonetic spelling; a word of up to SPELLED_LENGTH letters is its own stem.

    Caches only short words of letters, since others may be personal data.
    """
    if len(word) <= SPELLED_LENGTH:
        return word
    return _kept_stem(word) if word.isalpha() and len(word) <= KEPT_LENGTH else _stemmed(word)


def _stemmed(word: str) -> str:
    """Returns the Spanish stem of a word in phonetic spelling; renuevo and renovar get the same stem (OPENED).

    Creates a new stemmer each time, since a stemmer stores the word and is not thread-safe.
    """
    stem = str(snowballstemmer.stemmer("spanish").stemWord(word))
    for opened, closed in OPENED:
        stem = opened.sub(closed, stem)
    return stem


_kept_stem = lru_cache(maxsize=KEPT_STEMS)(_stemmed)
