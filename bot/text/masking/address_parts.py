"""Reads an address part by part: a street with its number, a flat, a quarter, a road and its kilometre, a plot."""

from __future__ import annotations

import re
from functools import cache

from bot.text.masking.found import pattern, without_accents, words

SHORT = 2  # a street name has a longer word: «la 13» is not a street
MOST_PARTS = 7
_NO_BEGINNING = frozenset("de del no en hace sin con que y o obras transito se me te le fue tiene mide esta".split())
SMALL_NUMBER = (
    r"(?:un[oa]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|dieci\w{3,6}|veint[ei]\w{0,8}"
    r"|(?:treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa)(?:\sy\s(?:un[oa]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve))?)"
)
_HUNDREDS = r"(?:ciento|(?:dos|tres|cuatro|seis|sete|siete|ocho|nove|nueve)cient[oa]s|quinient[oa]s)"
# «mil doscientos cuarenta y cinco», «cero cuatro cinco».
SAID = (
    rf"(?:(?:{SMALL_NUMBER}\s)?mil\s{_HUNDREDS}(?:\s{SMALL_NUMBER})?|mil\s{SMALL_NUMBER}|{_HUNDREDS}(?:\s{SMALL_NUMBER})?"
    rf"|cero(?:\s{SMALL_NUMBER}){{2,4}})"
)
WORD = r"[^\W\d_][\w'´’]*\.?"
CAPITAL = r"(?-i:[A-ZÁÉÍÓÚÑ])[\w'´’]*"
# After a house: «entre 4 y 5 norte», «esquina Prat», «al fondo».
_BETWEEN = re.compile(
    rf"[\s,]{{1,2}}(?:entre\s(?:calles?\s)?(?:\d{{1,2}}|{CAPITAL}(?:\s{CAPITAL}){{0,2}})\s[ye]\s(?:\d{{1,2}}(?:\s(?:norte|sur|oriente|poniente))?|{CAPITAL}(?:\s{CAPITAL}){{0,2}})"
    rf"|(?:esquina|esq\.?)\s(?:con\s)?{CAPITAL}(?:\s{CAPITAL}){{0,2}}|casa\s(?:esquina|del\sfondo|de\satr[aá]s)|al\sfondo|(?:primera|segunda|[uú]ltima)\s(?:casa|parcela)(?:\sa\s(?:la|mano)\s(?:derecha|izquierda))?"
    r"|(?:al\slado|frente|detr[aá]s|a\sla\sorilla|a\sun\scostado)\s(?:del?|al?)(?:\s(?:la|el|los|las))?\s[^\W\d_]{3,14}|torre\s(?:norte|sur|oriente|poniente))(?!\w)",
    re.IGNORECASE,
)
COUNTED = re.compile(rf"\s?(?:{pattern('unit')}|hij[oa]s|niñ[oa]s|ni[eé]t[oa]s|perros?|gatos?)(?!\w)", re.IGNORECASE)


def parts(text: str, start: int, cue: str) -> tuple[int, list[str]]:
    """Returns the end and the kinds of the parts of the address at ``start``, up to a final «entre Prat y Serrano»."""
    return parts_after(text, start, cue, [])


def parts_after(text: str, start: int, cue: str, kinds: list[str]) -> tuple[int, list[str]]:
    """Reads the parts of an address from ``start`` on; returns where they end, and the kinds of all parts.

    ``kinds`` contains the kinds of the parts that were read before ``start``.
    """
    end = start
    while len(kinds) < MOST_PARTS and (part := _part(text, end, first=not kinds, weak=cue in {"weak", "listed"})):
        kinds = [*kinds, "house" if part.lastgroup == "door" else part.lastgroup or ""]
        end = part.end()
    if kinds and (between := _BETWEEN.match(text, end)):
        further, more = parts_after(text, between.end(), cue, ["house"])
        return further, [*kinds, *more[1:]]
    return end, kinds


def _part(text: str, at: int, *, first: bool, weak: bool) -> re.Match[str] | None:
    """Returns the match of the next part of an address at ``at``; None if there is none."""
    part = (_first_part() if first else _next_part()).match(text, at)
    if part is None or part.lastgroup != "house":
        return part
    between = without_accents(part["name"].lower()).replace(",", " ").split()
    is_street = (
        between[0] not in _NO_BEGINNING
        and words("not_street").isdisjoint(set(between) - _at_corner(part[0]))
        and (len(max(between, key=len)) > SHORT or re.match(pattern("street"), between[0]))
        and not (weak and _is_no_home(part[0] if first else part[0].lstrip(" ,"), between))
        and words("filed").isdisjoint(between[-2:])
        and not COUNTED.match(text, part.end())
    )
    return part if is_street else _numbered_lane(first=first).match(text, at)


def _is_no_home(said: str, between: list[str]) -> bool:
    """Returns whether the number after «soy de» is not a house number: «soy de La Serena, nací en 1960».

    ``said`` is the text up to the number; after a comma, only a street may follow.
    """
    only_quarter = len(between) == 1 and re.fullmatch(
        rf"{pattern('quarter')}|{pattern('street')}", between[0]
    )  # «soy del sector 3»
    after_comma = re.search(rf",(?!\s*(?:{pattern('street')})\s)", said, re.IGNORECASE)
    return bool(only_quarter or after_comma) or not words("not_home").isdisjoint(between)


def _at_corner(place: str) -> set[str]:
    """Returns the words that may link two streets if ``place`` is a corner («la esquina de Prat con Lautaro»).

    Returns an empty set for any other place.
    """
    return {"con", "y"} if "esquina" in place.lower() else set()


@cache
def _numbered_lane(*, first: bool) -> re.Pattern[str]:
    return re.compile(rf"{'' if first else ',?[ ]'}(?P<lane>{_lane()})", re.IGNORECASE)


@cache
def _first_part() -> re.Pattern[str]:
    rural = rf"(?P<town>{_town()})(?=,\s(?:{plot()}))"
    return re.compile(
        rf"(?P<plot>{plot()})|(?P<door>{door()})|(?P<flat>{_flat()})|(?P<quarter>{_quarter()})|(?P<estate>{_estate()})|{rural}|(?P<house>{_house(capital=False)})|(?P<lane>{_lane()})",
        re.IGNORECASE,
    )


@cache
def _next_part() -> re.Pattern[str]:
    return re.compile(
        rf"(?:,\s(?:{pattern('beside')})\s[^,.;\n]{{1,40}}(?=,))?(?:\s?,\s?|\s)(?:(?:del|(?:de|en|a)(?:\sla|\sel|\slos)?)\s)?"
        rf"(?:(?P<plot>{plot()})|(?P<flat>{_flat()})|(?P<quarter>{_quarter()})|(?P<estate>{_estate()})|(?P<house>{_house(capital=True)})|(?P<lane>{_lane()}))|(?:,|\sde)?\s(?!(?:{pattern('beside')}|{pattern('no_town')})(?!\w))(?P<town>{_town()}(?=\s*(?:[,.;:)!?\n]|$|(?:y|pero|porque)\s)))",
        re.IGNORECASE,
    )


def _town() -> str:
    return rf"{CAPITAL}(?:\s(?:de\s(?:la\s|los\s)?|del\s)?{CAPITAL}){{0,3}}"


def plot() -> str:
    return r"(?:parcela|hijuela)\s(?:la\sparcela\s)?(?:n[°º]\s?)?(?:\d{1,4}(?:-?[a-z])?|s/n)(?!\w)"


def _quarter() -> str:
    return rf"(?:{pattern('quarter')})\s+{called()}"


def called() -> str:
    """Returns a pattern of the name of a quarter or road; a name in lower case must end with its clause."""
    stop = rf"{pattern('within')}|{pattern('not_street')}|al?|en|me|se|no|nos|les?|km"
    quiet = (
        rf"(?:\s(?!(?:{stop})(?!\w))[^\W\d_]+){{1,2}}(?=\s?(?:[,.;\n\d]|{pattern('within')}\s|{pattern('beside')}\s|$))"
    )
    return (
        rf"(?:(?:el|la|los|las|san|santa|don|doña)\s)?\w[\w'´’]*(?:{quiet}|(?:\s{CAPITAL}|\sdel?\s(?:la\s|los\s)?{CAPITAL}){{0,3}})"
        r"(?:\s\d{1,5}|\ss/n)?(?!\w)"
    )


def _estate() -> str:
    """Returns a pattern of a part that is not a house by itself: a floor, an office, a road or its kilometre."""
    floor = rf"(?:{pattern('floor')}|\d{{1,2}}[°º]?)\s?piso(?!\w)"
    road = (
        r"(?:km\.?|kil[oó]metro)\s?\d{1,3}(?:[.,]\d)?(?!\w)"
        rf"|(?:ruta|camino)\s[a-z]-?\d{{1,4}}(?!\w)|(?:camino|ruta|carretera)\s(?:(?:viejo|nuevo|vecinal|rural|interior)\s)?(?:al?\s)?{called()}(?:\s(?:norte|sur))?"
    )
    return rf"{_unit()}|(?-i:[a-zA-Z])-\d{{1,4}}(?!\w)|local(?:\s[^\W\d_]+){{1,3}}(?=\s?(?:[,.;\n]|$))|{floor}|{road}"


def _flat() -> str:
    """Returns a pattern of a flat or of a house in a quarter: «depto 21», «casa B», «block 14», «interior»."""
    inside = (
        r"(?:casa\s)?(?:interior|de\satr[aá]s|atr[aá]s)(?!\w)"
        rf"|(?:casa|block|torre|depto|departamento)\s(?:{pattern('digit_word')}|be|ce|efe|ge|hache|jota)(?!\w)"
        r"|(?:casa|pieza|depto|departamento)(?!\sde(?:l\s(?:adulto|mayor)|\sla\s(?:cultura|mujer)))(?:\s[^\W\d_]+){1,3}(?=\s?(?:[,.;\n]|$))"
    )
    return rf"(?!(?:{pattern('office_unit')})(?!\w)){_unit()}|{inside}"


def _unit() -> str:
    number = r"\s?(?:n[°º]\s?)?(?:\d{1,5}-?[a-z]?|s/n)"
    letter = r"[\s-](?!(?-i:[yaeo])\s)[a-z]-?\d{0,4}"
    return rf"(?:{pattern('within')})(?:{number}|{letter})(?!\w)"


def door() -> str:
    """Returns a pattern of a house number before its street: «casa 0457 de calle Los Mañíos»."""
    street = rf"(?:{pattern('street')})\s(?:(?:el|la|los|las)\s)?\w[\w'´’]*(?:\s{CAPITAL}){{0,2}}"
    return rf"(?:casa\s)?\d{{2,5}}(?:\s?-?(?-i:[A-Z]))?\sdel?\s(?:la\s)?{street}"


def _lane() -> str:
    return rf"(?:{pattern('street')})\s(?:\d{{1,3}}|{pattern('digit_word')})(?!\w)"


def _house(*, capital: bool) -> str:
    """Returns a pattern of a street with a number; with ``capital``, it needs a capital or a word such as «calle»."""
    street = pattern("street")
    side = r"\s?\d{0,2}\s?(?:norte|sur|oriente|poniente)"
    begins = rf"(?:(?:{street})\s+{WORD}|{CAPITAL})" if capital else rf"(?:(?:{street})\s+)?{WORD}"
    name = (
        rf"(?P<name>(?:{street})\s+\d{{1,3}}(?:{side})?|{begins}(?:[\s,]+{WORD}){{0,6}}?"
        r"(?:\s\d{1,2}\s(?:norte|sur|oriente|poniente))?)"
    )
    said_number = r"(?:n[°ºo.]?\s?|nro\.?\s?|n[uú]mero\s|#\s?|km\.?\s)?"
    letter = r"(?:-[a-z0-9]|(?-i:[A-Z])|\s[bcdfgh](?=\s?(?:[,;.\n]|$)))?"
    number = rf"[\s,#]+{said_number}(?:\d{{1,5}}{letter}(?![\w]|[.,]\d)|s/n|sin\sn[uú]mero|{SAID}(?!\w))"
    corner = r"(?:el\s+)?(?:\d{1,4}\s+de\s+)?(?:la\s+esquina\s+(?:de\s+)?)?"
    return rf"{corner}{name}{number}"
