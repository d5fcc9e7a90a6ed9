"""Finds houses that nothing announces: a street with a house number, in digits or words, and the parts after it.

For example: «un perro en calle Prat 340, depto 2», «los canelos mil doscientos». A street without a word such as
«calle» counts only if the words around it are about a home: «una carta a Prat 340», «ruidos en los canelos 45». The
address of an institution stays readable if a word for the institution is near («la oficina de calle Lautaro 230»), and
so do corners and streets without a number.
"""

from __future__ import annotations

import re
from functools import cache

from bot.text.masking.address_parts import CAPITAL, COUNTED, SAID, WORD, door, parts_after
from bot.text.masking.found import DOTS, Spans, item, pattern, without_accents, words

NEAR = 45  # number of characters before an address that are searched for an institution
AFTER = 32  # number of characters after an address that are searched for an institution
TOLD = 60  # number of characters before a street that are searched for words that say that something goes there
AROUND = 120  # number of characters on each side of a street that are searched for words about homes
MOST_QUIET = 2  # maximum number of words of a street in lower case
SHORT = 2  # number of digits of a number too short for such a street
_PARTICLES = frozenset("de del la las los el al".split())
_PARTICLE = r"(?:de\sla|de\slos|de\slas|del|de|la|las|los|el|san|santa)"
_DATED = r"(?:\d|enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre)"
_MARK = r"(?:n[°º]\s?|nro\.?\s?|num\.?\s?|n[uú]mero\s|#\s?)"
_LETTER = r"(?:\s?-\s?[a-z0-9](?!\w)|\s?(?-i:[A-Z])(?!\w))?"
_END = rf"(?!\s(?:y|al?|o)\s\d)(?![\w$°º]|[.,:/-]\d|\s?[%$°º]|\sde\s{_DATED})"
_NUMBER = rf",?\s(?:(?:casa|altura)\s)?(?P<number>{_MARK}\d{{1,5}}|\d{{2,5}}|{SAID}){_LETTER}{_END}"
_LONG_NUMBER = rf",?\s(?P<long>{_MARK}\d{{1,5}}|\d{{3,5}}){_LETTER}{_END}"
_BARE_NUMBER = rf"\s(?P<far>{_MARK}\d{{1,5}}|\d{{2,5}}){_LETTER}{_END}(?!\s\d{{3}})"
# Before a street in a list or a sentence: «Freire 2231: no pasa el camión», «ruidos por Freire 2231».
_OPEN = re.compile(r"(?:^|[\n,;:.!?(]\s?|(?<!\w)(?:por|es|a|hasta|desde|entre|y|e)\s)$", re.IGNORECASE)
_INTO = re.compile(r"(?<!\w)(?:en|de|a)\s$", re.IGNORECASE)
_PLURAL = re.compile(
    r"\s(?!entonces|pues|bis|gracias|saludos|tod[oa]s|tras|antes|menos|atrás|atras)(?-i:[a-záéíóúñ]{3,}(?<!mo)s)(?!\w)"
)  # «20 autos»
_YEAR = re.compile(r"(?:19[5-9]|20[0-3])\d$")
# Words after which the text is about another place: «la oficina no contesta; denuncio a mi vecino de Prat 340».
_MINE = re.compile(
    r"[;\n]|\.\s|(?<!\w)(?:mi|nuestra?|denunci\w+|(?:el|la|los|las|un|una)\svecin[oa]s?|casa)\s(?!consistorial|del?\s(?:la\s(?:cultura|mujer|juventud)|adulto|mayor))",
    re.IGNORECASE,
)
_BESIDE = "".join(
    rf"(?<!{one}\s)"
    for one in (
        "frente al",
        "frente a la",
        "frente a",
        "lado del",
        "lado de la",
        "cerca del",
        "cerca de la",
        "tr[aá]s del",
        "tr[aá]s de la",
        "esquina con",
        "esquina con la",
        "esquina con el",
    )
)  # a home may be «al lado del colegio»


def houses(text: str) -> Spans:
    """Yields each address with a house number, with all its parts, unless words for an institution are near."""
    at = 0
    while one := _house().search(text, at):
        start = max(one.start(), one.end("prefix"), one.end("before"))
        at = max(start, one.start() + 1)
        if not _is_house(text, one, start):
            continue
        end, _ = parts_after(text, one.end(), "weak", ["house"])
        if not _is_public(text, start, end):
            yield start, end, DOTS
        at = end


def street_and_number(address: str) -> tuple[str, ...]:
    """Returns the words of an address up to its number: «Calle El Boldo 340, piso 3» -> el, boldo, 340."""
    for part in address.split(","):
        plain = re.sub(rf"^(?:{pattern('lane')})\s", "", part.strip(), flags=re.IGNORECASE)
        if found := re.fullmatch(r"(\D+)\s(\d{1,5})", without_accents(plain.lower())):
            return (*found[1].split(), found[2])
    return ()


def names_a_home(address: str) -> bool:
    """Returns whether an address includes a flat or a house of its building or estate: «Prat 340, depto 2»."""
    return (
        re.search(rf"[\s,](?!(?:{pattern('office_unit')})(?!\w))(?:{pattern('within')})\s", address, re.IGNORECASE)
        is not None
    )


@cache
def _house() -> re.Pattern[str]:
    """Returns a pattern of a street and its number; the name of the matching group says how the street is written."""
    sided = r"\d{1,3}(?:\s(?:norte|sur|oriente|poniente))?"
    called = rf"(?:{_PARTICLE}\s){{0,2}}{WORD}(?:\s(?:{_PARTICLE}\s)?{WORD}){{0,3}}?"
    lane = rf"(?:{pattern('lane')})\s(?:{sided}|{called})"
    title = rf"(?:{pattern('street_name')})\s(?:{_PARTICLE}\s)?{WORD}(?:\s(?:{_PARTICLE}\s)?{WORD}){{0,2}}?"
    name = rf"{CAPITAL}(?:\s(?:{_PARTICLE}\s)?{CAPITAL}){{0,3}}?"
    home = rf"(?=,?\s(?!{pattern('office_unit')})(?:{pattern('within')})\s?\S)"
    quiet = rf"{WORD}(?:\s{WORD}){{0,2}}?\s(?P<short>\d{{2,5}}){home}"
    spoken = rf"(?:el|la)\s(?!{SAID}|dos\s){WORD}(?:\s{WORD})?\s(?P<spoken>{SAID}){_END}"
    return re.compile(
        rf"(?<![\w'´’])(?:(?P<lane>{lane}){_NUMBER}|(?P<title>{title}){_NUMBER.replace('number', 'numeral')}"
        rf"|(?P<prefix>(?:en|de)\s)(?P<name>{name}){_LONG_NUMBER}"
        rf"|(?P<before>(?:en|es)\s)(?P<quiet>{quiet}|{spoken})|(?P<door>{door()})|(?P<bare>{name}){_BARE_NUMBER})",
        re.IGNORECASE,
    )


def _is_house(text: str, one: re.Match[str], start: int) -> bool:
    """Returns whether the number is that of a house, and not a year, an amount or another number."""
    if one["door"]:
        return _stands_before_door(text, start)
    if COUNTED.match(text, one.end()) or _PLURAL.match(text, one.end()):
        return False
    name, number = _street_and_number(one)
    plain = without_accents(name.lower()).replace(".", "").split()
    stops = words("lane_stop") | words("not_street")
    if plain[-1] in _PARTICLES or not stops.isdisjoint(plain):
        return False
    if one["lane"]:
        return True
    if _YEAR.fullmatch(number) or not (words("not_lane") | words("filed") | words("numbered")).isdisjoint(plain):
        return False
    if one["title"]:
        return _is_titled(name, number) or (len(number) == SHORT and _is_short_home(text, one, name))
    if one["quiet"]:
        return not _has_unit(plain)
    return _is_named(plain, name) and (not one["bare"] or _is_bare_home(text, one, plain))


def _street_and_number(one: re.Match[str]) -> tuple[str, str]:
    """Returns the street and the number of a match."""
    street = one["lane"] or one["title"] or one["name"] or one["bare"]
    number = one["number"] or one["numeral"] or one["long"] or one["far"] or one["short"] or one["spoken"]
    return street or one["quiet"].removesuffix(number).strip(), number


def _is_short_home(text: str, one: re.Match[str], name: str) -> bool:
    """Returns whether a street in lower case with a number of two digits is a home: «en los jazmines 45».

    It is after «en», «de» or «a» if the street is named after a plant, or the number has a letter («los tilos 88-B»).
    """
    written = without_accents(name.lower()).split()
    if len(written) != MOST_QUIET or not _INTO.search(text[max(0, one.start() - 4) : one.start()]):
        return False
    return text[one.end() - 1].isalpha() or written[1] in words("street_plants")


def _is_bare_home(text: str, one: re.Match[str], plain: list[str]) -> bool:
    """Returns whether a capitalized name with a number («Freire 2231») is a home, by the words before and around it.

    It is if something goes there («una carta a»), or if the text is about a matter of homes («escombros»).
    """
    streets = any(re.fullmatch(pattern("street"), part) for part in plain)
    if streets or _has_unit(plain) or _institution().search(one["bare"]) or _office().match(text, one.end()):
        return False
    said = text[max(0, one.start() - TOLD) : one.start()]
    if _told().search(said):
        return True
    return len(one["far"]) > SHORT and _OPEN.search(said) is not None and _is_around(text, one)


def _is_around(text: str, one: re.Match[str]) -> bool:
    """Returns whether the text around a street has words about homes."""
    return item("house_around").search(text, max(0, one.start() - AROUND), one.end() + AROUND) is not None


def _stands_before_door(text: str, start: int) -> bool:
    """Returns whether the words before «340 de calle Prat» fit a house: «el 340», but not «poste 340»."""
    return (
        re.search(
            r"(?:^|[,.:;]\s?|(?<!\w)(?:del|el|al|la|casa|n[°º]|en|es|depto)\s)$", text[max(0, start - 8) : start], re.I
        )
        is not None
    )


def _is_titled(name: str, number: str) -> bool:
    """Returns whether a name after a word of the list ``street_name`` and its number are a street: «los canelos 778».

    A name in lower case must be short, and its number long.
    """
    written = name.split()[1:]
    if any(re.fullmatch(pattern("lane"), one, re.IGNORECASE) for one in written):  # «las cajas de Avenida Prat 340»
        return False
    if written[-1][:1].isupper():
        return all(one[:1].isupper() or one in _PARTICLES for one in written)
    quiet = _PARTICLES.isdisjoint(written) and not _has_unit(written)
    return quiet and len(written) <= MOST_QUIET and (not number.isdecimal() or len(number) > SHORT)


def _has_unit(written: list[str]) -> bool:
    """Returns whether a word means a flat or a house within a building: «el block 14 depto 2»."""
    return any(re.fullmatch(pattern("within"), one, re.IGNORECASE) for one in written)


def _is_named(plain: list[str], name: str) -> bool:
    """Returns whether a capitalized name may be that of a street: no institution, company or thing with a number."""
    kept = words("institutional") | words("companies") | words("bodies") | words("numbered") | words("other")
    return kept.isdisjoint(plain) and not name.isupper()


def _is_public(text: str, start: int, end: int) -> bool:
    """Returns whether a word for an institution is near the address, so that the address is public."""
    said = text[max(0, start - NEAR) : start]
    mine = [found.end() for found in _MINE.finditer(said)]
    return bool(
        _institution().search(said[mine[-1] if mine else 0 :]) or _institution().search(text[end : end + AFTER])
    )


@cache
def _office() -> re.Pattern[str]:
    return re.compile(rf",?\s(?:{pattern('office_unit')})\s?\d", re.IGNORECASE)


@cache
def _told() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern('house_told')})[:,]?\s$", re.IGNORECASE)


@cache
def _institution() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_BESIDE}(?:{pattern('institution')})(?!\w)", re.IGNORECASE)
