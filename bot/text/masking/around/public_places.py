"""Recognizes roads, streets and quarters that are no home: no number and nothing of a house is said of them."""

from __future__ import annotations

import re
from functools import cache

from bot.text.masking.address_parts import SAID, SMALL_NUMBER
from bot.text.masking.found import item, pattern

_KILOMETRE = re.compile(r"(?:el\s)?(?:km|kil[oó]metro)\.?\s", re.IGNORECASE)
FILED = 24  # number of characters before a number in which the paper that it is on may stand
_LANE = re.compile(r"(?:(?:la|el|de)\s)*(?:calle|avenida|av\.?|pasaje)\s", re.IGNORECASE)
# A number in words after a name: «pasaje Los Copihues veinticuatro», not «calle Dos Norte» or «calle Dos».
_IN_WORDS = re.compile(rf"\s(?:{SAID}(?!\w)|(?:cien|n[uú]mero|{SMALL_NUMBER})(?=\s?(?:[,.;:)]|$)))", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
SAID_BEFORE, SAID_AFTER = 160, 60  # number of characters in which words may say that somebody lives in a place
LINK = 80  # number of characters of a link before a place in it
_LINK = re.compile(r"(?:https?://|www\.|[^\W\d]\.[a-z]{2,}/)\S*$", re.IGNORECASE)
_DIGIT = re.compile(r"\d")


def is_public(text: str, start: int, end: int) -> bool:
    """Returns whether the place from ``start`` to ``end`` is a street without a number, a road or a quarter."""
    said = text[start:end]
    if not _LETTER.search(said) or _LINK.search(text, max(0, start - LINK), start):
        return True
    if item("of_house").search(said):
        return False
    if _is_filed(text, start, end):
        return True
    if _is_lived_in(text, start, end):
        return False
    lane = _LANE.match(said)
    has_number = _DIGIT.search(said) is not None or _IN_WORDS.search(said, lane.end() if lane else 0) is not None
    return not has_number or _KILOMETRE.match(said) is not None


def _is_lived_in(text: str, start: int, end: int) -> bool:
    """Returns whether somebody lives there by the words around it: «vivo en», «ahí vivo yo»."""
    said = item("at_home").search(text, max(0, start - SAID_BEFORE), start)
    return said is not None or _after().match(text, end, end + SAID_AFTER) is not None


def _is_filed(text: str, start: int, end: int) -> bool:
    """Returns whether the first number is that of a paper: «expediente 311»."""
    first = _DIGIT.search(text, start, end)
    return first is not None and _filed().search(text, max(0, start - FILED), first.start()) is not None


@cache
def _filed() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern('filed')})\s(?:n[°º.]\s?|nro\.?\s|n[uú]mero\s)?$", re.IGNORECASE)


@cache
def _after() -> re.Pattern[str]:
    """Returns a pattern of words after a place that say that somebody lives there."""
    return re.compile(rf"[^.;?!\n\x00]*?(?<!\w)(?:{pattern('lived_in')})(?!\w)", re.IGNORECASE)
