"""Recognizes roads, streets and quarters that are no home: no number and nothing of a house is said of them."""

from __future__ import annotations

import re

from bot.text.masking.found import item

_KILOMETRE = re.compile(r"(?:el\s)?(?:km|kil[oó]metro)\.?\s", re.IGNORECASE)
FILED = 10  # number of characters before a number in which the paper that it is on may stand
_STREET = re.compile(
    r"(?:(?:la|el|de)\s)*(?:calle|avenida|av\.?|pasaje)\s(?!.*(?:n[uú]mero|cientos|\smil\s))\D+", re.IGNORECASE
)
_LETTER = re.compile(r"[^\W\d_]")
SAID = 160  # number of characters before a place in which words may say that somebody lives there
LINK = 40  # number of characters of a link before a number in it
_LINK = re.compile(r"https?://\S*$|[^\W\d]/\d{3}")
_DIGIT = re.compile(r"\d")


def is_public(text: str, start: int, end: int) -> bool:
    """Returns whether the place from ``start`` to ``end`` is a street without a number, a road or a quarter."""
    said = text[start:end]
    if not _LETTER.search(said) or _LINK.search(text, max(0, start - LINK), end):
        return True
    if item("of_house").search(said):
        return False
    if item("filed").search(text, max(0, start - FILED), end) or _STREET.fullmatch(said):
        return True
    if item("at_home").search(text, max(0, start - SAID), start):
        return False
    return _KILOMETRE.match(said) is not None or _DIGIT.search(said) is None
