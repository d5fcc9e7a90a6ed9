"""Finds dates of birth: a whole date after a word such as «nací» or «fecha de nacimiento»."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain

from bot.text.masking.found import DOTS, Spans, pattern
from bot.text.masking.known_names import is_given

_MONTH = r"(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre)"
_DAY = r"\d{1,2}[°º]?"
_YEAR = r"(?:19|20)?\d{2}"
_TENS = r"(?:treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa)"
_UNIT = r"(?:uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)"
_TEENS = r"(?:diez|once|doce|trece|catorce|quince|die[cz]\w{3,6}|veint\w{1,7})"
# «veintidós de julio del cincuenta y uno», «1° de mayo de mil novecientos treinta», «dos de mayo del 2024».
_SAID = (
    rf"(?:{_DAY}|(?<!\w)[^\W\d_]{{2,12}}(?:\sy\s{_UNIT})?)\sde\s{_MONTH}\s(?:del?\s)?(?:año\s)?"
    rf"(?:(?:mil\snovecientos\s)?{_TENS}(?:\sy\s{_UNIT})?|dos\smil(?:\s(?:{_UNIT}|{_TEENS}))?|(?:19|20)\d\d)"
)
_DATE = (
    rf"(?:{_DAY}\s?(?P<mark>[-/.])\s?{_DAY}\s?(?P=mark)\s?{_YEAR}|(?:19|20)\d{{2}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}"
    rf"|{_DAY}\sdel?\s\d{{1,2}}\sdel?\s(?:año\s)?{_YEAR}|{_DAY}\s(?:de\s)?{_MONTH}\s(?:del?\s)?(?:año\s)?{_YEAR}|{_SAID})(?![\w])"
)

_BEFORE = re.compile(rf"(?<![\w.,/-])(?P<date>{_DATE})\s(?:es\s(?:mi|su)\s)?(?:de|fecha\sde)\snac", re.IGNORECASE)
# «mi fecha de nacimiento sale mal, no es 12, es 21-02-1958».
_CORRECTED = re.compile(
    r"(?<!\w)fecha\s(?:de\s)?nacimiento\s"
    r"(?:[^.;?\n]{0,50}?,\s|(?:(?!(?:y|pero|porque|cuando|cita|hora|audiencia|entrevista)\s)[^\s.,;?]{1,14}\s){0,8}?)"
    rf"es\s(?:el\s)?(?P<date>{_DATE})",
    re.IGNORECASE,
)
# «Amaro Villegas, 19.03.1990»; a later year may be that of a procedure.
_NAMED = re.compile(
    r"(?<![\w.])(?P<given>[A-ZÁÉÍÓÚÑ][^\W\d_]+)(?:\s[A-ZÁÉÍÓÚÑ][^\W\d_]+){1,3},\s"
    r"(?P<date>\d{1,2}(?P<mark>[-/.])\d{1,2}(?P=mark)(?:19\d\d|20[01]\d))(?!\w)"
)


def births(text: str) -> Spans:
    """Yields dates of birth; a day without its year («nació el 3 de mayo») identifies nobody."""
    for one in chain(_after().finditer(text), _BEFORE.finditer(text), _CORRECTED.finditer(text)):
        yield one.start("date"), one.end("date"), DOTS
    for one in _NAMED.finditer(text):
        if is_given(one["given"]):
            yield one.start("date"), one.end("date"), DOTS


@cache
def _after() -> re.Pattern[str]:
    between = r"(?:[\s:,(=/-]{1,3}(?:[^\W\d_]{2,12}\.?)){0,4}[\s:,(=]{0,3}"
    return re.compile(rf"(?<!\w)(?:{pattern('born')})(?!\w){between}(?P<date>{_DATE})", re.IGNORECASE)
