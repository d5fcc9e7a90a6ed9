"""Hours of attention as agency.yml writes them: the agency's, and those of a team that has its own.

Whatever is wrong is said in Spanish, with the way to write it.
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
_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True)
class Span:
    """One stretch of a day; the end is no longer part of it."""

    start: time
    end: time

    @classmethod
    def from_text(cls, text: str) -> Span:
        """``08:30-14:00``. Raises ValueError, in words, when it is not two times in order."""
        start, _, end = text.partition("-")
        try:
            span = cls(read_time(start), read_time(end))
        except ValueError as error:
            raise ValueError(_problem("tramo", texto=text)) from error
        if span.start >= span.end:
            raise ValueError(_problem("tramo_al_reves", texto=text))
        return span

    def without(self, other: Span) -> tuple[Span, ...]:
        """What is left of this stretch when the other is taken out."""
        pieces = (
            Span(self.start, min(self.end, other.start)),
            Span(max(self.start, other.end), self.end),
        )
        return tuple(piece for piece in pieces if piece.start < piece.end)


WHOLE_DAY = Span(time.min, time.max)


@dataclass(frozen=True)
class Closure:
    """A day, or a stretch of it, on which nobody attends though the week says so."""

    day: date
    span: Span = WHOLE_DAY


@dataclass(frozen=True)
class Schedule:
    """``week`` has the stretches of Monday to Sunday, in order; ``holidays`` names a country (``CL``), perhaps with a
    region (``CL-AP``); empty means that legal holidays are attended like any day."""

    week: tuple[tuple[Span, ...], ...]
    holidays: str
    closures: tuple[Closure, ...]


def read_time(raw: object) -> time:
    """``8:30``, ``24:00``, or the number of minutes that YAML makes of an unquoted 12:30. Raises ValueError."""
    if isinstance(raw, int) and 0 <= raw <= MINUTES_OF_A_DAY:
        return time.max if raw == MINUTES_OF_A_DAY else time(raw // 60, raw % 60)
    text = str(raw).strip()
    if text == MIDNIGHT:
        return time.max
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def read_week(hours: dict[str, list[str]]) -> tuple[tuple[Span, ...], ...]:
    """The stretches of each weekday; a day that is not written is not attended. Raises ValueError."""
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
    """Refuses in words what is not a list for each day."""
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
    """A date, or ``{fecha, desde, hasta}`` of which the hours may be missing."""
    written: dict[str, Any] = raw if isinstance(raw, dict) else {"fecha": raw}
    if unknown := sorted(str(key) for key in set(written) - CLOSURE_KEYS):
        raise ValueError(_problem("cierre_claves", claves=", ".join(unknown)))
    day = _read_date(written.get("fecha"))
    start, end = (_read_hour(written, key) for key in ("desde", "hasta"))
    span = Span(start or time.min, end or time.max)
    if span.start >= span.end:
        raise ValueError(_problem("cierre_al_reves", fecha=day.isoformat()))
    return Closure(day, span)


def _read_date(raw: object) -> date:
    try:
        return raw if isinstance(raw, date) else date.fromisoformat(str(raw).strip())
    except ValueError as error:
        raise ValueError(_problem("cierre_fecha", texto=raw)) from error


def _read_hour(written: dict[str, Any], key: str) -> time | None:
    try:
        return read_time(written[key]) if key in written else None
    except ValueError as error:
        raise ValueError(_problem("cierre_hora", clave=key, texto=written[key])) from error


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
    """What was written, checked before, as the code uses it."""
    return Schedule(read_week(week), holidays, tuple(closures))
