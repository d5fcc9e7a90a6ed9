"""Folds Spanish as people type it into one spelling: a phrase matches with or without accents, k for qu, z for s...

Called by emergency.py on the citizen's text and by phrases.py on the words of patterns.yml: both fold alike.
"""

from __future__ import annotations

import re
import unicodedata

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
    (re.compile(r"(.)\1+"), r"\1"),
)
NOT_WORD = re.compile(r"[^a-z0-9]+")
UNSEEN = {"Mn", "Me", "Cf"}  # accents, and what joins or breaks words without being seen
REPEATED = re.compile(r"([a-z])\1{2,}")


def strip_accents(text: str) -> str:
    """Lower case, compatibility forms unified, accents and tildes gone: ``Ñandú`` -> ``nandu``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if unicodedata.category(letter) not in UNSEEN)


def fold_word(word: str) -> str:
    """One word, already lower case and without accents, as it sounds: ``quiero`` and ``kiero`` -> ``kiero``."""
    word = REPEATED.sub(r"\1", word)
    word = CHAT_WORDS.get(word, word)
    for spelling, sound in SOUNDS:
        word = spelling.sub(sound, word)
    return word


def fold(text: str) -> str:
    """The text's words as they sound, with one space before, between and after them."""
    words = NOT_WORD.sub(" ", strip_accents(text)).split()
    return "".join(f" {fold_word(word)}" for word in words) + " "
