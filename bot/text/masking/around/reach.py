"""Widens a home address to the words that go with it: «el km 31, puesto con techo», «..., donde dice se vende miel»."""

from __future__ import annotations

import re
from functools import cache

from bot.text.masking.found import pattern

BEFORE = 48  # number of characters
MOST_MORE = 70  # number of characters of a further part
_ARTICLE = re.compile(
    r"(?<!\w)(?:el|la|los|las|lo|un|una|mi|nuestra|(?:(?:la\s)?entrada\sde\s)?(?:mi|nuestra)|(?:mi|nuestra|la|su|el)\s(?:casa|casita|parcela|mediagua|pieza|campamento|puesto)(?:\s(?:de|del|la|el|los)?\s?[^\W\d_]+){0,3}\s(?:en|de))\s$",
    re.IGNORECASE,
)
_OPEN = re.compile(r"(?<=\s)(?:del?|al?|la|el|los|las|con|y|en|por|entre)$")
_NUMBERS = re.compile(
    r"\s(?:y|al?)\s\d{1,4}(?![\w:.,]\d|\s(?:de|hrs|horas|años|mil))", re.IGNORECASE
)  # «hijuelas 1 y 2»
_NEXT_WORD = re.compile(r"\s[^\W_]+")


def widened(text: str, start: int, end: int) -> tuple[int, int]:
    """Returns where an address begins and ends with its article, the word that it lacks and its further parts."""
    if article := _ARTICLE.search(text, max(0, start - BEFORE), start):
        start = article.start()
    if further := _NUMBERS.match(text, end):
        end = further.end()
    while _OPEN.search(text[start:end]) and (more := _NEXT_WORD.match(text, end)):
        end = more.end()
    while more := _further().match(text, end, end + MOST_MORE) or _town().match(text, end):
        end = more.end()
    return start, end


@cache
def _further() -> re.Pattern[str]:
    """Returns a pattern of a part after a comma that describes a house: «, la de reja verde»."""
    return re.compile(rf"\s?,\s(?:{pattern('house_part')})(?!\w)[^,.;:?!()\n\x00]*(?=[,.;:?!()\n]|$)", re.IGNORECASE)


@cache
def _town() -> re.Pattern[str]:
    """Returns a pattern of a town after an address: «, San Carlos»."""
    return re.compile(
        rf",\s(?!(?i:{pattern('no_town')})(?!\w))(?:[A-ZÁÉÍÓÚÑ][^\W\d_]+)(?:\s(?:de\s(?:la\s|los\s)?|del\s)?[A-ZÁÉÍÓÚÑ][^\W\d_]+){{0,3}}(?=[,.;:)?!\n]|\s?$|\s(?:desde|y|para|porque|hace)\s)"
    )
