"""Finds vehicle plates by their form and by words near them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain

from bot.text.masking.found import DOTS, Spans, before, clause_before, pattern

ABOUT = 70  # number of characters around a plate in which a word must refer to a vehicle
_PLATE = re.compile(
    r"(?<![\w-])(?:[a-z]{4}[-·. ]{0,2}\d{2}|"
    r"(?-i:[A-Z]{2}[-·. ]{0,2}[A-Z]{2}|[a-z]{2}[-·. ]{0,2}[a-z]{2})[-·. ]{1,2}\d{2}|"
    r"[a-z]{2}[-·. ]{0,2}\d{2}[-·. ]?\d{2}|[a-z]{3}[-·. ]{0,2}0?\d{2,3})(?:[-. ][\dk](?!\w))?(?![\w%]|[.,/:-]\d)",
    re.IGNORECASE,
)
_SPELLED = re.compile(
    r"(?<!\w)(?:[a-z][ .-]){3,4}\d[ .-]\d(?!\w)|(?<!\w)(?:[a-z][ .-]){2}\d(?:[ .-]\d){3}(?!\w)", re.IGNORECASE
)  # «patente P F X K 8 2»
_NUMBER_WORD = (
    r"(?:cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|dieci\w{3,6}|veint[ei]\w{0,8}"
    r"|(?:treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa)(?:\sy\s\w{3,6})?|\d{1,4})"
)
_MOTORCYCLE = re.compile(r"(?<!\w)(?-i:[A-Z]{2})[-·. ]{0,2}(?P<number>\d{3})(?![\w%]|[.,/:-]\d|\s?cc)", re.IGNORECASE)
_ENGINES = frozenset("100 110 125 150 160 190 200 220 250 300 350 390 400 450 500 650 750".split())
_HYPHENED = re.compile(r"[A-Za-z]{2}[-·.][A-Za-z]{2}[-·.]\d{2}|[A-Z]{4}[-·.]\d{2}")
_TAX_YEAR = re.compile(r"(?:A[CT]|DJ) (?:19|20)\d\d")  # «AT 2021», a year of taxes
_VOWEL = re.compile(r"[aeiouáéíóú]", re.IGNORECASE)
_PLAIN_WORDS = frozenset(
    "de el la en al un lo se su mi me te le es no si ya con por que del los las una sus mis ley año art tel fon uso "
    "dia son hay muy fue ver dos mes cada para como esta este solo ante unos unas tipo casi unas leer años mil auto "
    "moto piso caso tres seis hora sala nota hace eran dije dice desde km uf iva dom rut rol nro num".split()
)


def plates(text: str) -> Spans:
    """Yields plates (``BBCL12``, ``BB-CL·12``, ``AB 1234``) near a word such as «patente», «auto», «moto».

    Four consonants in capitals with two digits need no such word.
    """
    named, _ = _plate_words()
    for one in _SPELLED.finditer(text):
        if named.search(text[max(0, one.start() - ABOUT // 2) : one.start()]):
            yield one.start(), one.end(), DOTS
    for one in chain(_dictated(text), _motorcycles(text)):
        yield one.start(), one.end(), DOTS
    for one in _PLATE.finditer(text):
        if _is_plate(text, one):
            yield one.start(), one.end(), DOTS


def _dictated(text: str) -> Iterator[re.Match[str]]:
    """Yields plates whose letters are said: «be de burro, ka, ele, erre, treinta y cuatro»."""
    for named in _plate_words()[0].finditer(text):
        if said := _said_plate().match(text, named.end()):
            yield from filter(None, [_said_letters().match(text, said.start("plate"))])


def _motorcycles(text: str) -> Iterator[re.Match[str]]:
    """Yields old plates of motorcycles, two letters and three digits («una moto TB 291»), but no engine sizes."""
    for one in _MOTORCYCLE.finditer(text):
        said = text[max(0, one.start() - ABOUT // 2) : one.start()]
        is_moto = re.search(r"(?<!\w)moto(?:cicleta)?s?(?!\w)", said, re.IGNORECASE) and one["number"] not in _ENGINES
        if _plate_words()[0].search(said) or is_moto:
            yield one


@cache
def _said_letters() -> re.Pattern[str]:
    letter = rf"(?:{pattern('letter_name')})(?:\sde\s(?!{_NUMBER_WORD})[^\W\d_]{{3,12}})?"
    return re.compile(
        rf"(?:{letter}[\s,.-]{{1,2}}){{3,4}}{_NUMBER_WORD}(?:[\s,-]{{1,2}}{_NUMBER_WORD}){{0,3}}(?!\w)", re.IGNORECASE
    )


@cache
def _said_plate() -> re.Pattern[str]:
    return re.compile(
        rf"[\s:,]{{1,2}}(?:(?:es|era|de|la|n[°º]|placa|del|numero|dice)[\s:]{{1,2}}){{0,2}}(?P<plate>(?={_said_letters().pattern}))",
        re.IGNORECASE,
    )


def _is_plate(text: str, one: re.Match[str]) -> bool:
    named, about = _plate_words()
    called = named.search(text[max(0, one.start() - ABOUT // 2) : one.start()])
    if called and _HYPHENED.fullmatch(one[0]):  # «su patente es PP-UU-12»
        return True
    letters = re.sub(r"[^a-z]", "", one[0].lower()).removesuffix("k") or "k"
    consonants = len(letters) == 4 and not _VOWEL.search(letters)  # plates with four letters have no vowels
    if (" " in one[0] and letters in _PLAIN_WORDS) or (len(letters) == 4 and not consonants):
        return False
    if " " in one[0] and not (called or consonants or one[0][:2].isupper()):
        return False
    if _TAX_YEAR.fullmatch(one[0]) and not called:
        return False
    if before("other").search(clause_before(text, one.start())):
        return False
    certain = consonants and letters.isalpha() and one[0][:4].isupper()
    return bool(called or certain or about.search(text[max(0, one.start() - ABOUT) : one.end() + ABOUT]))


@cache
def _plate_words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    named, about = pattern("plate_named"), pattern("plate")
    return (
        re.compile(rf"(?<!\w)(?:{named})(?!\w)", re.IGNORECASE),
        re.compile(rf"(?<!\w)(?:{named}|{about})(?!\w)", re.IGNORECASE),
    )
