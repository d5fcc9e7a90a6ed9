"""Folds Spanish text so that words that look or sound alike become equal.

``plain`` (lower case, no accents, single spaces) is for comparing texts. ``phonetic`` also unifies Chilean chat
spelling: *kiero renobar el karné xfa* and *quiero renovar el carné por favor* become the same text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bot.text.decomposition import decomposed

KEPT_WORDS, KEPT_LENGTH = 20_000, 30
KEPT_ENTRIES = 50_000
NOT_WORD = re.compile(r"[^a-z0-9ñ]+")
MARKS = re.compile(r"[\u0300-\u034e\u0350-\u036f]")  # the usual accents; removed fastest by a regular expression
REPEATED = re.compile(r"([a-z])\1{1,}")
SHORT_FORMS = {
    "q": "que",
    "k": "que",
    "ke": "que",
    "x": "por",
    "xq": "por que",
    "pq": "por que",
    "porq": "por que",
    "xk": "por que",
    "xfa": "por favor",
    "xfavor": "por favor",
    "porfa": "por favor",
    "pa": "para",
    "pal": "para el",
    "d": "de",
    "tb": "tambien",
    "tbn": "tambien",
    "tmb": "tambien",
    "dnd": "donde",
    "dde": "donde",
    "cdo": "cuando",
    "cto": "cuanto",
    "toy": "estoy",
    "ta": "esta",
    "muni": "municipalidad",
    "depto": "departamento",
    "cel": "celular",
    "hr": "hora",
    "hrs": "horas",
    "info": "informacion",
    "bn": "bien",
    "sta": "esta",
    "nc": "no se",
    "cm": "como",
    "cmo": "como",
    "komo": "como",
    "dl": "del",
    "cn": "con",
    "dond": "donde",
    "onde": "donde",
    "i": "y",
    "ay": "hay",
    "na": "nada",
    "ola": "hola",
    "nose": "no se",
}
# Applied in order; each pair is a pattern for spellings of a sound, and the replacement.
SOUNDS = tuple(
    (re.compile(pattern), folded)
    for pattern, folded in (
        (r"ñ", "n"),
        (r"ph", "f"),
        (r"sh", "ch"),
        (r"ch", "1"),
        (r"qu(?=[ei])", "k"),
        (r"gu(?=[ei])", "g"),
        (r"g(?=[ei])", "j"),
        (r"c(?=[ei])", "s"),
        (r"[cq]", "k"),
        (r"ks|x", "s"),
        (r"z", "s"),
        (r"h?ua(?=[a-z])|gua", "wa"),
        (r"h?ue|gue", "we"),
        (r"h", ""),
        (r"ll", "y"),
        (r"i(?=[aeou])", "y"),
        (r"y\b", "i"),
        (r"v", "b"),
        (r"w(?=[aeiou])", "u"),
        (r"m(?=[bp])", "n"),
    )
)


def plain(text: str) -> str:
    """Returns the words of ``text``, separated by single spaces, in lower case and without accents (ñ stays).

    A word consists of Latin letters and digits; all other characters separate words.
    """
    kept = text.lower().replace("ñ", "\0").replace("¿", " ").replace("¡", " ")
    bare = kept if kept.isascii() else _without_marks(decomposed(kept))
    return NOT_WORD.sub(" ", bare.replace("\0", "ñ")).strip()


@lru_cache(maxsize=KEPT_ENTRIES)
def plain_all(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Returns ``plain`` of each text of an entry; cached, so that a reload processes only changed entries."""
    return tuple(map(plain, texts))


def _without_marks(text: str) -> str:
    stripped = MARKS.sub("", text)
    return stripped if stripped.isascii() else "".join(char for char in stripped if not unicodedata.combining(char))


def phonetic(text: str) -> str:
    """Folds ``text`` by its sound: expands short forms, unifies spellings, removes silent and double letters."""
    words = (SHORT_FORMS.get(word, word) for word in plain(text).split())
    return " ".join(filter(None, (_sound(part) for word in words for part in word.split())))


def _sound(word: str) -> str:
    """Folds a word; results for words with digits are not cached, since they may be personal data."""
    if word.isdigit():
        return word
    return _kept_sound(word) if word.isalpha() and len(word) <= KEPT_LENGTH else _folded(word)


@lru_cache(maxsize=KEPT_WORDS)
def _kept_sound(word: str) -> str:
    return _folded(word)


def _folded(word: str) -> str:
    for pattern, folded in SOUNDS:
        word = pattern.sub(folded, word)
    return REPEATED.sub(r"\1", word)
