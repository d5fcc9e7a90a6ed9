"""Writes the values of a workbook's cells as people see them: «15 %», «$12.500», «24-12-2026», «8:30»."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl.utils.escape import unescape

PIECE = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<symbol>[^\]-]*)[^\]]*\]|(?P<skipped>\[[^\]]*\]|[_*].)'
    r"|(?P<digits>[#0?][#0?,.]*)|(?P<plain>[$€%() :+-])|(?P<other>.)"
)
SWAPPED = str.maketrans(",.", ".,")  # Chile writes 12.500,5


def shown(value: Any, code: str = "General") -> str:
    """Returns the text that a person sees for this value in a cell with the number format ``code``."""
    if isinstance(value, str):
        return unescape(value)
    if isinstance(value, bool):
        return "VERDADERO" if value else "FALSO"
    if isinstance(value, datetime):
        is_day = (value.hour, value.minute, value.second) == (0, 0, 0)
        return f"{value:%d-%m-%Y}" if is_day else f"{value:%d-%m-%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d-%m-%Y}"
    if isinstance(value, time):
        return f"{value.hour}:{value:%M}"
    if isinstance(value, timedelta):
        return "{}:{:02d}".format(*divmod(int(value.total_seconds()) // 60, 60))
    return (_formatted(value, code.partition(";")[0]) if isinstance(value, int | float) else "") or _plain(value)


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _formatted(value: float, code: str) -> str:
    """Returns a number as its format shows it; "" for a format of another kind, such as «General» or a fraction."""
    around, digits = ["", ""], ""
    for piece in PIECE.finditer(code):
        if piece["other"] or (piece["digits"] and digits):
            return ""
        digits = digits or piece["digits"] or ""
        words = piece["quoted"] or piece["escaped"] or piece["symbol"] or piece["plain"] or ""
        around[bool(digits)] += words
    if not digits:
        return ""
    before, after = around[0].lstrip(), around[1].rstrip()
    whole, _, decimals = digits.partition(".")
    number = abs(value) * 100 if "%" in before + after else abs(value)
    text = f"{number:,.{len(decimals)}f}" if "," in whole else f"{number:.{len(decimals)}f}"
    text = text.rstrip("0").rstrip(".") if "#" in decimals else text
    sign = "-" if value < 0 and text.strip("0.,") else ""
    return f"{sign}{before}{text.translate(SWAPPED)}{after}"
