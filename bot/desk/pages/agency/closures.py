"""Reads and writes the closed days of agency.yml (``cierres``) as lines that people type: «24-12-2026 desde las 12»."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.agency.schedule import read_time
from bot.text.normalize import plain

MONTHS = {
    **{"enero": 1, "febrero": 2, "marzo": 3, "abril": 4, "mayo": 5, "junio": 6, "julio": 7, "agosto": 8},
    **{"septiembre": 9, "setiembre": 9, "octubre": 10, "noviembre": 11, "diciembre": 12},
}
ISO = re.compile(r"(?P<year>\d{4}) (?P<month>\d{1,2}) (?P<day>\d{1,2})\b")
CHILEAN = re.compile(r"(?P<day>\d{1,2}) (?:de )?(?P<month>\d{1,2}|[a-z]{4,10}) (?:del? )?(?P<year>\d{4})\b")
DAY_NAME = re.compile(r"^(?:el )?(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo) ")
TIME = r"(?:las? )?(\d{1,2})(?: (\d\d))?(?: ?h(?:rs?|oras?)?)?"
HOURS = re.compile(rf"(?:(?:desde|de|a partir de) {TIME})? ?(?:(?:hasta|a) {TIME})?")
Closed = tuple[date, str, str]


def closed(line: str) -> Closed:
    """Parses a line: the day, and the hours (``12:00``) from and until which it is closed, "" for no limit.

    Raises ValueError if the line is not a closed day.
    """
    words = DAY_NAME.sub("", plain(line))
    found = ISO.match(words) or CHILEAN.match(words)
    hours = HOURS.fullmatch(words[found.end() :].strip()) if found else None
    if not found or not hours:
        raise ValueError(line)
    month = found["month"]
    number = int(month) if month.isdigit() else MONTHS.get(month, 0)
    start, start_minutes, end, end_minutes = hours.groups()
    limits = _time(start, start_minutes), _time(end, end_minutes)
    if all(limits) and read_time(limits[0]) >= read_time(limits[1]):
        raise ValueError(line)
    return date(int(found["year"]), number, int(found["day"])), *limits


def _time(hour: str | None, minutes: str | None) -> str:
    if not hour:
        return ""
    text = f"{int(hour):02d}:{minutes or '00'}"
    read_time(text)
    return text


def line_of(raw: Any) -> str:
    """Formats a closed day of the file as a line; returns the value's text if it is not valid."""
    fields: Mapping[str, Any] = raw if isinstance(raw, dict) else {"fecha": raw}
    try:
        day = fields["fecha"] if isinstance(fields["fecha"], date) else date.fromisoformat(str(fields["fecha"]).strip())
        start, end = (f"{read_time(fields[key]):%H:%M}" if key in fields else "" for key in ("desde", "hasta"))
    except (KeyError, ValueError):
        return str(raw)
    return _line(day, start, end)


def typed(line: str) -> str:
    """Returns a typed line in the form of ``line_of``; returns it unchanged if it is not a closed day."""
    try:
        return _line(*closed(line))
    except ValueError:
        return line


def _line(day: date, start: str, end: str) -> str:
    return f"{day:%d-%m-%Y}" + (f" desde las {start}" if start else "") + (f" hasta las {end}" if end else "")
