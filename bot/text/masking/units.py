"""Finds homes by a number before their place: «la casa 3 de la ex estación», «frente al 1765 de Ercilla»."""

from __future__ import annotations

import re

from bot.text.masking.address_parts import CAPITAL, parts_after
from bot.text.masking.found import DOTS, Spans

_MONTH = r"(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre)"
_PLACE = rf"{CAPITAL}(?:\s(?:de\s(?:la\s|los\s)?|del\s)?{CAPITAL}){{0,3}}"
_LINK = rf"\s(?:de|del)\s(?!{_MONTH})(?:(?:la|el|los|las|calle|pasaje)\s){{0,2}}"
_WORDS = r"(?:(?!(?:que|y|con|se|me|no|para|por|a|en|mi|su|ahí|hace)\s)[^\W\d_]+\s){0,6}?"
_UNIT = re.compile(
    r"(?<!\w)(?:casa|parcela|parsela|sitio|mediagua|media\sagua|lote|hijuela|puesto|pieza|block|bloque|cabaña|quinta|container|contenedor)"
    rf"\s(?:n[°º]\s?)?\d{{1,4}}(?:\s?-?[a-z](?!\w))?{_LINK}{_WORDS}{_PLACE}",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"(?<!\w)(?:frente al|al frente del|afuera del|fuera del|al lado del|detr[aá]s del|altura del)"
    rf"\s(?P<home>\d{{2,5}}(?:-?[a-z])?{_LINK}{_PLACE})",
    re.IGNORECASE,
)


def units(text: str) -> Spans:
    """Yields a numbered home and the place after it, with all further parts."""
    for one in _UNIT.finditer(text):
        yield one.start(), parts_after(text, one.end(), "weak", ["house"])[0], DOTS
    for one in _NUMBER.finditer(text):
        yield one.start("home"), parts_after(text, one.end(), "weak", ["house"])[0], DOTS
