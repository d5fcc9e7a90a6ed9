"""Finds the home address of the writer, or of a person they name, in a text.

An address begins after words such as «vivo en», «mi dirección es» or «vecina de», or after other personal data in a
list: «Ana Soto, 12.345.678-5, Los Aromos 340». It is read part by part: a street with its number, a flat, a quarter, a
road. ``houses`` finds a house that nothing announces («un hoyo en calle El Boldo 340»). A corner or a street stays
readable.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import chain

from bot.text.masking.address_parts import CAPITAL, COUNTED, WORD, parts
from bot.text.masking.found import DOTS, Spans, pattern
from bot.text.masking.houses import houses
from bot.text.masking.units import units

FAR = 80  # number of characters before «es donde vivo» in which the address begins
GONE = "\x00"  # stands for data that were found before
# «los canelos 778», but no year.
_QUIET = r"(?:l[oa]s|el|san|santa)\s[^\W\d_]+\s(?:[^\W\d_]+\s)?(?:n[°ºr]o?\.?\s?)?(?!(?:19|20)\d\d(?!\d))\d{3,5}(?!\w)"
_BEGINNING = re.compile(
    rf"(?<![\w'])(?:{CAPITAL}|(?:{pattern('street')}|{pattern('quarter')}|{pattern('within')}|km)(?!\w))", re.IGNORECASE
)
# A box at the post office; not «la casilla 12 del formulario».
_BOX = re.compile(
    rf"(?<!\w)casilla\s(?:postal\s)?(?:n[°º]\s?)?\d{{1,5}}(?!\w)(?!\sdel?\s)"
    rf"(?:,?\s(?:Correo\s)?{CAPITAL}(?:\s{CAPITAL}){{0,2}})?",
    re.IGNORECASE,
)
_TO = re.compile(r",?\sa\s(?:la\s|el\s)?", re.IGNORECASE)
_NUMBERED = re.compile(rf"\w+\s(?!con\s){WORD}(?:\s{WORD}){{0,3}}\s\d{{2,5}}")  # «Isla Mocha 334»
_SMALL = re.compile(rf"(?:{pattern('small_quarter')})\s(?-i:[A-ZÁÉÍÓÚÑ])", re.IGNORECASE)  # few people live in it


def addresses(text: str) -> Spans:
    """Yields each address with all its parts: «Av. Prat 340, depto 21, Villa Los Ríos»."""
    end = 0
    for start, stop, shown in sorted(_found(text), key=lambda one: (one[0], -one[1])):
        if start >= end:
            end = stop
            yield start, stop, shown


def _found(text: str) -> Spans:
    for cue in chain(_after().finditer(text), _listed().finditer(text)):
        start = cue.end()
        end = _end(text, start, cue.lastgroup or "")
        if end > start:
            yield start, end, DOTS
            yield from _moved(text, cue, end)
    yield from ((box.start(), box.end(), DOTS) for box in _BOX.finditer(text))
    yield from houses(text)
    yield from units(text)
    for cue in _before().finditer(text):
        for word in _BEGINNING.finditer(text, max(0, cue.start() - FAR), cue.start()):
            if (end := _end(text, word.start(), "weak")) >= cue.start():
                yield word.start(), min(end, cue.start()), DOTS
                break


def _moved(text: str, cue: re.Match[str], end: int) -> Spans:
    """Yields the new address after «a» if ``cue`` ends in «de», as in «me cambio de Prat 340 a Lord Cochrane 1002».

    ``end`` is the end of the old address.
    """
    if cue[0].rstrip().lower().endswith(" de") and (to := _TO.match(text, end)):
        there = _end(text, to.end(), "weak")
        if there > to.end():
            yield to.end(), there, DOTS


def _end(text: str, start: int, cue: str) -> int:
    """Returns the end of the address at ``start``, or ``start`` if there is none.

    After a weak ``cue`` (the group of _after that matched), only a street or a capital may follow.
    """
    end, found = parts(text, start, cue)
    kinds = ["estate" if one in {"flat", "quarter"} else one for one in found]
    said = text[start:end]
    sure = any(one.isdigit() for one in said) or (cue == "home" and "estate" in kinds[1:])  # «Isla Huar, sector Alfaro»
    estate = len(kinds) > 1 and (kinds[1:] != ["town"] or cue == "listed") and sure
    numbered = found == ["quarter"] and _NUMBERED.fullmatch(said) and not COUNTED.match(text, end)
    small = cue == "home" and found[:1] == ["quarter"] and _SMALL.match(text, start)
    unnumbered = kinds == ["estate"] and "s/n" in said.lower()  # «vivo en sector Rinconada s/n»
    estate = estate or bool(small or numbered) or unnumbered
    if cue == "here":  # «aquí en Prat 340 hay un hoyo» is not a home
        return end if "plot" in kinds or (estate and "house" not in kinds) else start
    return end if "house" in kinds or kinds[:1] == ["plot"] or estate else start


@cache
def _after() -> re.Pattern[str]:
    """Returns a pattern of the words before an address; the matching group's name says how surely one follows."""
    street, linking = pattern("street"), pattern("home_linking")
    date = rf"\d{{1,2}}\sde\s{CAPITAL}"  # «12 de Febrero 340»
    place = rf"(?:{street}|{pattern('within')}|{pattern('quarter')}|km|kil[oó]metro)\s"
    begins = rf"(?={place}|{CAPITAL}|{date}|{_QUIET}|{_marked()})"
    return re.compile(
        rf"(?<!\w)(?:(?P<weak>(?:{pattern('home_mark')})\s?[:;,.!?(—-][\s:;,.!?(—-]{{0,3}}(?=(?:{street})\s|{CAPITAL})"
        rf"|(?:{pattern('home_capital')})[\s,:]{{1,3}}(?:(?:en|la|el)\s)?{begins}"
        rf"|(?:{pattern('home_bound')})(?:\s[^\W\d_]+){{0,6}}?\s(?:a|en|de|desde)\s(?:la\s|el\s)?{begins})"
        rf"|(?P<home>(?:{pattern('home')})(?!\w)[\s:,]*(?:(?:{linking}|{GONE}+)[\s:,]+)*(?:en\s+)?"
        rf"(?:(?:el|la)\s+(?={pattern('within')}|{pattern('quarter')}|km|kil[oó]metro))?)"
        rf"|(?P<here>(?:aqu[ií]|ac[aá])\s+en\s+))",
        re.IGNORECASE,
    )


def _marked() -> str:
    """Returns a pattern of a street in lower case whose number has a mark or a leading 0: «manuel montt #455»."""
    number = r"(?:(?:n[°º]|nro\.?|#)\s?\d{1,5}|0\d{2,4})(?!\w)"
    return rf"(?!(?:{pattern('numbered')})\s)[^\W\d_]{{3,}}\s(?:[^\W\d_]+\s){{0,2}}{number}"


@cache
def _listed() -> re.Pattern[str]:
    """Returns a pattern of the end of other data, and a comma or line end, after which an address may follow."""
    return re.compile(
        rf"{GONE}(?P<listed>\s?[,;\n]\s?)(?={CAPITAL}|(?:{pattern('street')}|{pattern('within')})\s)", re.IGNORECASE
    )


@cache
def _before() -> re.Pattern[str]:
    return re.compile(rf"[\s,]+(?:{pattern('home_after')})(?!\w)", re.IGNORECASE)
