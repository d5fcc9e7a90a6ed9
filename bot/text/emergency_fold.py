"""Folds spelling variants of Spanish words into one form: accents, k for qu and z for s make no difference.

Both the citizen's text and the phrases of phrases.yml are folded this way, so that they can be compared.
"""

from __future__ import annotations

import re
import unicodedata

from bot.text.brief import briefly_cached
from bot.text.decomposition import MAX_CHARACTERS, decomposed

KEPT_WORDS = 4096

CHAT_WORDS = {
    "q": "que",
    "k": "que",
    "ke": "que",
    "x": "por",
    "xfa": "porfavor",
    "porfa": "porfavor",
    "xq": "porque",
    "pq": "porque",
    "d": "de",
    "m": "me",
    "t": "te",
    "toy": "estoy",
    "toi": "estoy",
    "ta": "esta",
    "tan": "estan",
    "tamos": "estamos",
    "ay": "hay",
    "pa": "para",
    "mijo": "hijo",
    "mija": "hija",
}
SOUNDS = (
    (re.compile(r"ch|sh"), "ç"),
    (re.compile(r"qu(?=[ei])|q|c(?![eiç])"), "k"),
    (re.compile(r"c(?=[ei])|z"), "s"),
    (re.compile(r"gu(?=[ei])"), "g"),
    (re.compile(r"g(?=[ei])"), "j"),
    (re.compile(r"h"), ""),
    (re.compile(r"v"), "b"),
    (re.compile(r"ll|y"), "i"),
    (re.compile(r"(\D)\1+"), r"\1"),  # not digits: 22 is no 2
)
UNFOLDED = {"perro", "perros"}  # folded, it would be «pero», and an animal in danger would not be recognized
NOT_WORD = re.compile(r"[^a-z0-9]+")
UNSEEN = {"Mn", "Me", "Cf"}  # accents, and invisible characters that join or break words
REPEATED = re.compile(r"([a-z])\1{2,}")


def strip_accents(text: str) -> str:
    """Returns the text in lower case, without accents or compatibility forms: ``Ñandú`` -> ``nandu``."""
    if text.isascii():
        return text.lower()
    return "".join(char for char in decomposed(text.casefold()) if unicodedata.category(char) not in UNSEEN)


@briefly_cached(KEPT_WORDS)
def fold_word(word: str) -> str:
    """Folds a word by its sound: ``quiero`` and ``kiero`` -> ``kiero``; cached, since a message is folded often.

    The word must be in lower case and without accents.
    """
    word = REPEATED.sub(r"\1", word)
    word = CHAT_WORDS.get(word, word)
    if word in UNFOLDED:
        return word
    for spelling, sound in SOUNDS:
        word = spelling.sub(sound, word)
    return word


def fold(text: str) -> str:
    """Folds each word of a text by its sound; the result has one space before, between and after the words.

    Truncates the text and its decomposition to MAX_CHARACTERS, which limits the time to search the result.
    """
    words = NOT_WORD.sub(" ", strip_accents(text[:MAX_CHARACTERS])[:MAX_CHARACTERS]).split()
    return "".join(f" {fold_word(word)}" for word in words) + " "
