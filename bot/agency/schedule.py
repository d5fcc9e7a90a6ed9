"""Parses the opening hours, holidays and closures of agency.yml, for the agency and for individual teams.

Error messages are in Spanish and show the correct format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from typing import Annotated, Any

import holidays
from pydantic import AfterValidator, BeforeValidator

from bot.core.texts import say

WEEKDAYS = ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo")
MIDNIGHT = "24:00"
MINUTES_OF_A_DAY = 24 * 60
CLOSURE_KEYS = frozenset({"fecha", "desde", "hasta"})
BETWEEN_RANGES = re.compile(r"\s*(?:[,;/\n]|\sy\s)\s*")
CLOSED = re.compile(r"cerrad[oa]s?|no (?:se )?(?:atiende|abre)n?", re.IGNORECASE)
RANGE = re.compile(
    r"(?:desde |de )?(?:las? )?(\d{1,2})(?:[:.](\d\d))?(?: ?h(?:rs?|oras?)?\.?)? ?"
    r"(?:-|–|a|hasta) ?(?:las? )?(\d{1,2})(?:[:.](\d\d))?(?: ?h(?:rs?|oras?)?\.?)?",
    re.IGNORECASE,
)
_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True)
class Span:
    """A time range within a day, excluding its end."""

    start: time
    end: time

    @classmethod
    def from_text(cls, text: str) -> Span:
        """Parses a range such as ``08:30-14:00``.

        Raises ValueError, in Spanish, if the text is not a range, or if the start is not before the end.
        """
        start, _, end = text.partition("-")
        try:
            span = cls(read_time(start), read_time(end))
        except ValueError as error:
            raise ValueError(_problem("tramo", texto=text)) from error
        if span.start >= span.end:
            raise ValueError(_problem("tramo_al_reves", texto=text))
        return span

    def without(self, other: Span) -> tuple[Span, ...]:
        """Returns the parts of this range that lie outside ``other``: none, one or two."""
        spans = (
            Span(self.start, min(self.end, other.start)),
            Span(max(self.start, other.end), self.end),
        )
        return tuple(span for span in spans if span.start < span.end)


WHOLE_DAY = Span(time.min, time.max)


@dataclass(frozen=True)
class Closure:
    """A day, or part of a day, on which the agency or a team is closed despite its weekly hours."""

    day: date
    span: Span = WHOLE_DAY


@dataclass(frozen=True)
class Schedule:
    """The opening hours of the agency or of a team."""

    week: tuple[tuple[Span, ...], ...]  # ranges of Monday to Sunday, in order
    holidays: str  # a country (``CL``) or region (``CL-AP``) on whose legal holidays it is closed; '' for none
    closures: tuple[Closure, ...]


@dataclass(frozen=True)
class Opening:
    """The state of the agency at a given time: whether it is open, and a Spanish sentence about it."""

    is_open: bool
    words: str


def read_time(raw: object) -> time:
    """Parses ``8:30``, ``24:00`` or a number of minutes (YAML reads an unquoted 12:30 as 750). Raises ValueError."""
    if isinstance(raw, int) and 0 <= raw <= MINUTES_OF_A_DAY:
        return time.max if raw == MINUTES_OF_A_DAY else time(raw // 60, raw % 60)
    text = str(raw).strip()
    if text == MIDNIGHT:
        return time.max
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def ranges(written: str) -> list[str]:
    """Returns the ranges in a text such as «de 8:30 a 14 hrs y 15:00-17:30», in the form of agency.yml.

    Returns [] for a text such as «cerrado». A range that cannot be parsed is returned unchanged.
    """
    return [_range(one) for one in BETWEEN_RANGES.split(written.strip()) if one and not CLOSED.fullmatch(one)]


def _range(written: str) -> str:
    found = RANGE.fullmatch(" ".join(written.split()))
    if found is None:
        return written
    start, start_minutes, end, end_minutes = found.groups()
    return f"{int(start):02d}:{start_minutes or '00'}-{int(end):02d}:{end_minutes or '00'}"


def read_week(hours: dict[str, list[str]]) -> tuple[tuple[Span, ...], ...]:
    """Parses the ranges of each weekday, Monday first; a missing day is closed. Raises ValueError."""
    return tuple(_day(name, hours.get(name, [])) for name in WEEKDAYS)


def _day(name: str, texts: list[str]) -> tuple[Span, ...]:
    try:
        spans = sorted((Span.from_text(text) for text in texts), key=lambda span: span.start)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    if any(earlier.end > later.start for earlier, later in pairwise(spans)):
        raise ValueError(f"{name}: {_problem('tramos_topados')}")
    return tuple(spans)


def _shaped_week(raw: object) -> object:
    """Checks that each day has a list of strings. Raises ValueError with a Spanish message."""
    if not isinstance(raw, dict):
        raise ValueError(_problem("horario"))
    for day, spans in raw.items():
        if not isinstance(spans, list) or not all(isinstance(span, str) for span in spans):
            raise ValueError(_problem("dia_lista", dia=day))
    return raw


def _checked_week(hours: dict[str, list[str]]) -> dict[str, list[str]]:
    unknown = sorted(set(hours) - set(WEEKDAYS))
    if unknown:
        raise ValueError(_problem("dia", dias=", ".join(unknown), conocidos=", ".join(WEEKDAYS)))
    read_week(hours)
    return hours


def _read_closure(raw: object) -> Closure:
    """Parses a date, or ``{fecha, desde, hasta}`` with optional hours. Raises ValueError."""
    fields: dict[str, Any] = raw if isinstance(raw, dict) else {"fecha": raw}
    if unknown := sorted(str(key) for key in set(fields) - CLOSURE_KEYS):
        raise ValueError(_problem("cierre_claves", claves=", ".join(unknown)))
    day = _read_date(fields.get("fecha"))
    start, end = (_read_hour(fields, key) for key in ("desde", "hasta"))
    span = Span(start or time.min, end or time.max)
    if span.start >= span.end:
        raise ValueError(_problem("cierre_al_reves", fecha=day.isoformat()))
    return Closure(day, span)


def _read_date(raw: object) -> date:
    try:
        return raw if isinstance(raw, date) else date.fromisoformat(str(raw).strip())
    except ValueError as error:
        raise ValueError(_problem("cierre_fecha", texto=raw)) from error


def _read_hour(fields: dict[str, Any], key: str) -> time | None:
    try:
        return read_time(fields[key]) if key in fields else None
    except ValueError as error:
        raise ValueError(_problem("cierre_hora", clave=key, texto=fields[key])) from error


def _checked_holidays(name: str) -> str:
    country, _, region = name.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if name and (country not in known or (region and region not in known[country])):
        raise ValueError(_problem("feriados", texto=name, regiones=", ".join(known.get("CL", []))))
    return name


def _problem(key: str, **values: object) -> str:
    return say(f"agency.problemas.{key}", **values)


WeekFile = Annotated[dict[str, list[str]], BeforeValidator(_shaped_week), AfterValidator(_checked_week)]
ClosureFile = Annotated[Closure, BeforeValidator(_read_closure)]
HolidaysFile = Annotated[str, AfterValidator(_checked_holidays)]


def schedule(week: dict[str, list[str]], holidays: str, closures: Iterable[Closure]) -> Schedule:
    """Builds a Schedule from validated values."""
    return Schedule(read_week(week), holidays, tuple(closures))
