"""Finds Chilean phone numbers in text: landlines, mobiles, 600 and 800 lines, and short numbers such as 131 and *4141.

Other numbers must not match: amounts, folios, RUT, dates, street numbers. Therefore a short number, or a number without
``+`` and ``56`` written as one block of digits, counts only if the words before it are about calling.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from phonenumbers import (
    Leniency,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberMatch,
    PhoneNumberMatcher,
    format_number,
)

from bot.core.texts import area

CHILE = "CL"
STARRED = re.compile(r"(?<![\w*])\*(?!19|20)\d{4}(?![\w*])")  # *4141; not a footnote to a year
SHORT = re.compile(r"(?<![\w$.,/*-])1\d{2,3}(?![\w%]|[.,/-]\d)")
# «22 555 0100», as most people write a number of Santiago; libphonenumber knows only the grouping «2 2555 0100».
SANTIAGO = re.compile(r"(?:\+?56[ -]?)?\(?2\d\)?[ -]\d{3}[ -]?\d{4}")
WITH_COUNTRY = re.compile(r"56\d{9}")
SOME_DIGITS = re.compile(r"\d\D?\d\D?\d")
SEPARATOR = re.compile(r"[ ()-]")
WORDS_BEFORE = 100  # characters before a number that are searched for words about calling
LIST_GAP = re.compile(r"(?:,|,? (?:o|u|y|e|ni)) (?:al )?")  # between the numbers of «al 131, 132 o 133»

_own: set[str] = set()  # the agency's own short numbers


@dataclass(frozen=True)
class FoundNumber:
    """A phone number at ``text[start:end]``; ``dialled`` is its form in a ``tel:`` link."""

    start: int
    end: int
    dialled: str


def phone_numbers(text: str) -> list[FoundNumber]:
    """Returns the phone numbers in ``text`` in order and without overlaps; ``text`` must have no markup."""
    if SOME_DIGITS.search(text) is None:
        return []
    found: list[FoundNumber] = []
    for one in sorted([*_long(text), *_starred(text), *_short(text)], key=lambda one: one.start):
        if not found or one.start >= found[-1].end:
            found.append(one)
    return found


def know_short_numbers(numbers: Iterable[str]) -> None:
    """Adds the agency's own short numbers (``telefonos_cortos``) to those known in all of Chile, for this process."""
    _own.update(numbers)


def is_short_number(text: str) -> bool:
    """Returns whether ``text`` is a known short phone number, such as ``131``, without a star."""
    return text in _words().known or text in _own


def counts_something(after: str) -> bool:
    """Returns whether the text ``after`` a number shows that it is not a phone number: « UTM», « de enero»."""
    return _words().unit.match(after) is not None


def _long(text: str) -> Iterator[FoundNumber]:
    for match in (*PhoneNumberMatcher(text, CHILE, Leniency.STRICT_GROUPING), *_of_santiago(text)):
        raw, before = match.raw_string, _before(text, match.start)
        in_groups = SEPARATOR.search(raw) and "." not in raw
        written_as_phone = raw.startswith("+") or in_groups or WITH_COUNTRY.fullmatch(raw)
        if not (written_as_phone or _words().cue.search(before)) or _words().other_number.search(before):
            continue
        if not counts_something(text[match.end :]):
            yield FoundNumber(match.start, match.end, _dialled(match.number))


def _of_santiago(text: str) -> Iterator[PhoneNumberMatch]:
    return (one for one in PhoneNumberMatcher(text, CHILE, Leniency.VALID) if SANTIAGO.fullmatch(one.raw_string))


def _dialled(number: PhoneNumber) -> str:
    """Returns the number as in a ``tel:`` link: with +56, except for 600 and 800 lines, which work only in Chile."""
    dialled = format_number(number, PhoneNumberFormat.E164)
    return dialled.removeprefix("+56") if re.match(r"\+56[68]00", dialled) else dialled


def _starred(text: str) -> Iterator[FoundNumber]:
    for match in STARRED.finditer(text):
        yield FoundNumber(match.start(), match.end(), match[0])


def _short(text: str) -> Iterator[FoundNumber]:
    end_of_last = -1
    for match in SHORT.finditer(text):
        before = _before(text, match.start())
        in_list = end_of_last >= 0 and LIST_GAP.fullmatch(text, end_of_last, match.start())
        called = in_list or _words().cue.search(before) or _words().service.search(before)
        if called and is_short_number(match[0]) and not counts_something(text[match.end() :]):
            end_of_last = match.end()
            yield FoundNumber(match.start(), end_of_last, match[0])


def _before(text: str, start: int) -> str:
    """Returns the last WORDS_BEFORE characters before a number; the limit bounds the time for texts full of numbers."""
    return text[max(0, start - WORDS_BEFORE) : start]


@dataclass(frozen=True)
class _Words:
    """Patterns of the words before (``cue``, ``service``, ``other_number``) and after (``unit``) a number."""

    known: frozenset[str]
    cue: re.Pattern[str]
    service: re.Pattern[str]
    other_number: re.Pattern[str]
    unit: re.Pattern[str]


@cache
def _words() -> _Words:
    """Compiles the patterns of the words around numbers, from bot/core/texts/telefonos.yml."""
    texts = {key: "|".join(texts) for key, texts in area("telefonos").items()}
    called = rf"(?:{texts['llamar']})(?:\b[^.;\n\d$]{{0,40}}\b(?:{texts['antes']}))?"
    return _Words(
        known=frozenset(area("telefonos")["cortos"]),
        cue=re.compile(rf"\b{called}\s?:?\s*$", re.IGNORECASE),
        service=re.compile(rf"\b(?:{texts['servicios']})\b\s?[(:,]?\s?$", re.IGNORECASE),
        other_number=re.compile(rf"(?:\$|\b(?:{texts['no_telefono']}))[\s:.]*$", re.IGNORECASE),
        unit=re.compile(rf"\s*(?:%|-[\dk]\b|(?:{texts['unidades']})(?!\w))", re.IGNORECASE),
    )
