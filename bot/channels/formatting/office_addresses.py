"""Finds the addresses of the agency's offices in an answer, even if they are shorter there than in agency.yml.

«Av. El Boldo 340» matches the office at «Avenida El Boldo 340, Los Aromos», since street and number are enough. If
several offices share street and number, the longest match wins («..., piso 3»).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.agency.offices import Office
from bot.core.texts import area

NUMBERED = re.compile(r"^(?P<street>\D*[^\W\d].*?)[\s,]+(?:n[º°.]?\s*)?(?P<number>\d+[A-Za-z]?)$", re.IGNORECASE)
NUMBER_MARK = r"[\s,]+(?:n[º°.]?\s*)?"
MIN_WORDS = 2  # minimum number of words of an address without a street number
VOWELS = {"a": "aá", "e": "eé", "i": "ií", "o": "oó", "u": "uúü"}
VOWEL_OF = {accented: f"[{both}]" for both in VOWELS.values() for accented in both}


@dataclass(frozen=True)
class FoundAddress:
    """The address of ``office`` at ``text[start:end]``."""

    start: int
    end: int
    office: Office


def office_addresses(text: str, offices: tuple[Office, ...]) -> list[FoundAddress]:
    """Returns where ``text`` contains addresses of offices that have a map, in order and without overlaps.

    ``text`` must have no markup.
    """
    matches = [
        FoundAddress(*match.span(), office)
        for office in offices
        if office.map_url and (pattern := _pattern(office.address))
        for match in pattern.finditer(text)
    ]
    found: list[FoundAddress] = []
    for one in sorted(matches, key=lambda one: (one.start, -one.end)):
        if not found or one.start >= found[-1].end:
            found.append(one)
    return found


@lru_cache(maxsize=256)
def _pattern(address: str) -> re.Pattern[str] | None:
    """Returns a pattern of the address; None if the address is too short to be distinguished from other text."""
    parts = [part.strip() for part in address.split(",") if part.strip()]
    for index, part in enumerate(parts):
        if numbered := NUMBERED.match(part):
            street, number = _street(numbered["street"]), re.escape(numbered["number"])
            return _compiled(f"{street}{NUMBER_MARK}{number}(?!\\w)", parts[index + 1 :])
    return _compiled(_words(parts[0]), parts[1:]) if parts and len(address.split()) >= MIN_WORDS else None


def _compiled(start: str, rest: Iterable[str]) -> re.Pattern[str]:
    """Compiles a pattern of ``start``, optionally followed by the first parts of ``rest`` or all of them."""
    tail = ""
    for part in reversed(list(rest)):
        tail = f"(?:,\\s*{_words(part)}(?!\\w){tail})?"
    return re.compile(f"(?<!\\w){start}{tail}", re.IGNORECASE)


def _street(street: str) -> str:
    """Returns a pattern of a street's name, in which the kind («Avenida», «Av.») may be shortened or missing."""
    kinds: list[list[str]] = area("direcciones")["vias"]
    for same in kinds:
        kind, _, name = street.partition(" ")
        if name and kind.lower().rstrip(".") in same:
            return f"(?:(?:{'|'.join(map(_words, same))})\\.?\\s+)?{_words(name)}"
    return _words(street)


def _words(text: str) -> str:
    """Returns a pattern of ``text`` with or without accents, and with any whitespace between words."""
    return r"\s+".join("".join(VOWEL_OF.get(char, re.escape(char)) for char in word) for word in text.lower().split())
