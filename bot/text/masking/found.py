"""Defines the kinds of personal data to mask, and the patterns of words.yml that identify them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from bot.core.yaml import read_yaml

MASK = "•"
DOTS = MASK * 4
WORDS = Path(__file__).with_name("words.yml")
NEAR = 32  # number of characters before a number in which a word may say what the number is
PLAIN_VOWELS = str.maketrans("áéíóúüÁÉÍÓÚÜ", "aeiouuAEIOUU")
VOWELS = {"a": "[aá]", "e": "[eé]", "i": "[ií]", "o": "[oó]", "u": "[uúü]"}
# The dot of an abbreviation ends no clause: «tel. 5555 1234».
_CLAUSE_END = re.compile(
    r"\n|;(?=\s)|[!?]\s|(?<!\btel)(?<!\btelef)(?<!\bcel)(?<!\bfon)(?<!\bnum)(?<!\bnro)(?<!\bcta)(?<!\bcte)(?<!\bn)(?<!\.[tni])\.\s",
    re.IGNORECASE,
)
Span = tuple[int, int, str]  # start, end and replacement
Spans = Iterator[Span]


class Kind(StrEnum):
    """A kind of personal data."""

    RUT = "rut"
    PHONE = "phone"
    EMAIL = "email"
    CARD = "card"
    PLATE = "plate"
    ADDRESS = "address"
    NAME = "name"
    BIRTH = "birth"
    RECORD = "record"
    USER = "user"


@dataclass(frozen=True)
class Found:
    """Personal data in a text from ``start`` to ``end``: the original ``text``, and its replacement ``shown``."""

    start: int
    end: int
    kind: Kind
    shown: str
    text: str


@cache
def words(key: str) -> frozenset[str]:
    """Returns the single words of the list ``key`` of words.yml, without accents."""
    return frozenset(word for one in _file()[key] for word in without_accents(one).split())


@cache
def phrases(key: str) -> frozenset[str]:
    """Returns the phrases of the list ``key`` of words.yml, each line of which has several, separated by commas."""
    return frozenset(one.strip() for line in _file()[key] for one in line.split(","))


@cache
def pattern(key: str) -> str:
    """Returns a regular expression that matches any item of the list ``key``, with or without accents."""
    longest_first = sorted(_file()[key], key=len, reverse=True)
    return "|".join(_any_accent(without_accents(word)) for word in longest_first)


@cache
def item(key: str) -> re.Pattern[str]:
    """Returns a pattern that matches any item of the list ``key`` as whole words."""
    return re.compile(rf"(?<!\w)(?:{pattern(key)})(?!\w)", re.IGNORECASE)


@cache
def ending(*keys: str) -> re.Pattern[str]:
    """Returns a pattern that matches any item of the lists ``keys`` and a blank at the end of a text."""
    items = "|".join(map(pattern, keys))
    return re.compile(rf"(?<!\w)(?:{items})\s$", re.IGNORECASE)


@cache
def before(key: str) -> re.Pattern[str]:
    """Returns a pattern that matches an item of the list ``key``, up to four linking words, and the end of the text."""
    # «resolución exenta», «boleta electrónica»; «mi rut (el nuevo)».
    more = {"other": r"(?:\s[^\W\d_]{4,14})?", "rut": r"(?:\s?\([^()\d]{1,24}\))?"}.get(key, "")
    return re.compile(
        rf"(?<!\w)(?:{pattern(key)})(?!\w){more}(?:\s*[:=#]?\s*(?:n[°ºo.]|es|al?|el|la|de|del|mi|m[ií]o|nro\.?|n[uú]mero|num\.?|son|"
        rf"n|en|su|tengo|seria|ser[ií]a|o|por)?(?!\w)){{0,4}}\W{{0,6}}$",
        re.IGNORECASE,
    )


def clause_before(text: str, start: int, most: int = NEAR) -> str:
    """Returns the part of the current clause before position ``start``, of at most ``most`` characters."""
    near = text[max(0, start - most) : start]
    return _CLAUSE_END.split(near)[-1]


def without_accents(text: str) -> str:
    return text if text.isascii() else text.translate(PLAIN_VOWELS)


@cache
def _file() -> dict[str, list[str]]:
    """Returns the lists of words.yml; in the file, each list is a text with commas or a YAML list."""
    raw: dict[str, str | list[str]] = read_yaml(WORDS.read_text(encoding="utf-8"))
    return {key: one.split(", ") if isinstance(one, str) else one for key, one in raw.items()}


def _any_accent(word: str) -> str:
    """Returns a pattern in which vowels also match with an accent; keeps escapes such as ``\\w`` and classes."""
    return re.sub(r"\[[^\]]*\]|\\.|[aeiou]", lambda found: VOWELS.get(found[0], found[0]), word)
