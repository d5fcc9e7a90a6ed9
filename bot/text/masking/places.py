"""Finds vehicle plates and the writer's home address, if nearby words identify them.

A place that the writer only mentions («un hoyo en calle El Boldo 340») is not personal data, and must stay readable.
"""

from __future__ import annotations

import re
from functools import cache

from bot.text.masking.found import DOTS, Spans, pattern, without_accents, words

SHORT = 2  # a street name has a longer word: «la 13» is no street
ABOUT = 70  # number of characters around a plate in which a word must refer to a vehicle
_PLATE = re.compile(
    r"(?<![\w-])(?:[a-z]{4}[-·. ]{0,2}\d{2}|[a-z]{2}[-·. ]{0,2}[a-z]{2}[-·. ]{1,2}\d{2}|"
    r"[a-z]{2}[-·. ]{0,2}\d{2}[-·. ]?\d{2}|[a-z]{3}[-·. ]{0,2}0?\d{2,3})(?:[-. ][\dk](?!\w))?(?![\w%]|[.,/:-]\d)",
    re.IGNORECASE,
)
_NO_BEGINNING = frozenset("de del no en hace sin con que y o obras transito se me te le fue tiene mide esta".split())
_VOWEL = re.compile(r"[aeiouáéíóú]", re.IGNORECASE)
_PLAIN_WORDS = frozenset(
    "de el la en al un lo se su mi me te le es no si ya con por que del los las una sus mis ley año art tel fon uso "
    "dia son hay muy fue ver dos mes cada para como esta este solo ante unos unas tipo casi unas leer años mil auto "
    "moto piso caso tres seis hora sala nota hace eran dije dice desde km uf iva dom rut rol".split()
)


def plates(text: str) -> Spans:
    """Yields plates (``BBCL12``, ``BB-CL·12``, ``AB 1234``) near a word such as «patente», «auto», «moto»."""
    named, about = _plate_words()
    for one in _PLATE.finditer(text):
        around = text[max(0, one.start() - ABOUT) : one.end() + ABOUT]
        letters = re.sub(r"[^a-z]", "", one[0].lower()).removesuffix("k") or "k"
        spaced = " " in one[0]
        called = named.search(text[max(0, one.start() - ABOUT // 2) : one.start()])
        consonants = len(letters) == 4 and not _VOWEL.search(letters)  # plates with four letters have no vowels
        if (spaced and letters in _PLAIN_WORDS) or (len(letters) == 4 and not consonants):
            continue
        if spaced and not (called or consonants or one[0][:2].isupper()):
            continue
        if called or about.search(around):
            yield one.start(), one.end(), DOTS


def addresses(text: str) -> Spans:
    """Yields the address (street, number, flat, block) after «vivo en», «mi casa queda en» or «mi dirección es»."""
    for one in _home().finditer(text):
        if one["estate"]:
            yield (*one.span("estate"), DOTS)
            continue
        between = without_accents(one["name"].lower()).split()
        if (
            between[0] not in _NO_BEGINNING
            and words("not_street").isdisjoint(set(between) - _at_corner(one["place"]))
            and (len(max(between, key=len)) > SHORT or re.match(pattern("street"), between[0]))
            and not (one["weak"] and _is_no_home(text[one.end("weak") : one.end("number")], between))
            and not _counts(text[one.end("number") :])
        ):
            yield one.start("place"), one.end("place"), DOTS


def _is_no_home(said: str, between: list[str]) -> bool:
    """Returns whether the number after «soy de» is not a house number: «soy de La Serena, nací en 1960».

    ``said`` is the text up to the number; after a comma, only a street may follow.
    """
    only_quarter = len(between) == 1 and re.fullmatch(pattern("quarter"), between[0])  # «soy del sector 3»
    after_comma = re.search(rf",(?!\s*(?:{pattern('street')})\s)", said, re.IGNORECASE)
    return bool(only_quarter or after_comma) or not words("not_home").isdisjoint(between)


def _at_corner(place: str) -> set[str]:
    """Returns the words that belong to «la esquina de Prat con Lautaro»."""
    return {"con", "y"} if "esquina" in place.lower() else set()


@cache
def _plate_words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    named, about = pattern("plate_named"), pattern("plate")
    return (
        re.compile(rf"(?<!\w)(?:{named})(?!\w)", re.IGNORECASE),
        re.compile(rf"(?<!\w)(?:{named}|{about})(?!\w)", re.IGNORECASE),
    )


@cache
def _home() -> re.Pattern[str]:
    within, quarter, street = pattern("within"), pattern("quarter"), pattern("street")
    word, capital = r"[^\W\d_][\w'´’]*\.?", r"(?-i:[A-ZÁÉÍÓÚÑ])\w*"
    said = (
        rf"(?<!\w)(?:(?:{pattern('home')})(?!\w)[\s:,]*(?:(?:es|est[aá]|queda|ubicad[oa]|particular|actual|nueva|"
        rf"aqu[ií]|ac[aá]|una? (?:pieza|casa|habitaci[oó]n|depto|departamento))[\s:,]+)*(?:en\s+)?"
        rf"|(?P<weak>{pattern('home_capital')})\s+(?=(?:{street})\s|{capital}))"
    )
    side = r"\s?\d{0,2}\s?(?:norte|sur|oriente|poniente)"
    name = (
        rf"(?P<name>(?:{street})\s+\d{{1,3}}(?:{side})?|(?:(?:{street})\s+)?{word}(?:[\s,]+{word}){{0,5}}?"
        rf"(?:\s\d{{1,2}}\s(?:norte|sur|oriente|poniente))?)"
    )
    part = rf"(?:{within})\s?(?:n[°º]\s?)?[\w-]{{1,6}}(?!\w)"
    called = (
        rf"(?:(?:el|la|los|las|san|santa|don|doña)\s)?\w+(?:\s{capital}|\sde\s{capital}){{0,3}}(?:\s\d{{1,5}})?(?!\w)"
    )
    area = rf"(?:{quarter})\s+{called}"
    road = rf"(?:km\.?|kil[oó]metro)\s\d{{1,3}}|(?:camino|ruta|carretera)\s(?:a\s)?{called}(?:\s(?:norte|sur))?"
    more = rf"[\s,]+(?:de\s(?:la\s)?)?(?:{part}|{area}|{road})"
    rest = rf"(?:{more}){{0,4}}"
    said_number = r"(?:n[°ºo.]?\s?|nro\.?\s?|n[uú]mero\s|#\s?|km\.?\s)?"
    number = rf"[\s,#]+{said_number}(?P<number>\d{{1,5}}(?:-[a-z0-9])?)(?![\w]|[.,]\d)"
    estate = (
        rf"(?:(?:el|la)\s+)?(?P<estate>(?:(?:{part}|{road}){more}|{area}[\s,]+{part}"
        rf"|parcela\s(?:la\sparcela\s)?\d{{1,4}}){rest})"
    )
    flat = r"(?:el\s+)?(?:\d{1,4}\s+de\s+)?(?:la\s+esquina\s+(?:de\s+)?)?"
    return re.compile(rf"{said}(?:{estate}|(?P<place>{flat}{name}{number}{rest}))", re.IGNORECASE)


def _counts(after: str) -> bool:
    return (
        re.match(rf"\s?(?:{pattern('unit')}|hij[oa]s|niñ[oa]s|ni[eé]t[oa]s|perros?|gatos?)(?!\w)", after, re.I)
        is not None
    )
