"""When people answer: the agency's weekly hours, legal holidays and closures, and how the next opening is said.

Called by the worker when a conversation is handed off and by ``bot.handoff.notices``; reads only the frozen ``Agency``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

from bot.agency import WEEKDAYS, Agency
from bot.texts import say

MAX_DAYS_AHEAD = 60
DAYS_NAMED_BY_WEEKDAY = 6


@dataclass(frozen=True)
class Span:
    """One stretch of attention within a day; the end is no longer attended."""

    start: time
    end: time

    @classmethod
    def from_text(cls, text: str) -> Span:
        """``08:30-14:00``. Raises ValueError when it is not two times in order."""
        start, _, end = text.partition("-")
        span = cls(time.fromisoformat(start.strip()), time.fromisoformat(end.strip()))
        if span.start >= span.end:
            raise ValueError(f"{text!r}: the end must come after the start")
        return span


class OpeningHours:
    """The agency's attention. Every moment given must carry its time zone."""

    def __init__(
        self,
        week: Mapping[str, Sequence[str]],
        *,
        timezone: str = "America/Santiago",
        country: str = "CL",
        closures: Sequence[date] = (),
    ) -> None:
        self._zone = ZoneInfo(timezone)
        self._week = tuple(_spans(week.get(name, ())) for name in WEEKDAYS)
        self._holidays = holidays.country_holidays(country) if country else {}
        self._closures = frozenset(closures)

    @classmethod
    def from_agency(cls, agency: Agency) -> OpeningHours:
        return cls(agency.hours, timezone=agency.timezone, country=agency.holidays, closures=agency.closures)

    def is_open(self, now: datetime) -> bool:
        local = self._local(now)
        return any(span.start <= local.time() < span.end for span in self._attended(local.date()))

    def next_opening(self, now: datetime) -> datetime | None:
        """The next moment attention begins after ``now``, local time; None when none is known within 60 days."""
        local = self._local(now)
        for ahead in range(MAX_DAYS_AHEAD + 1):
            day = local.date() + timedelta(days=ahead)
            for span in self._attended(day):
                opening = datetime.combine(day, span.start, self._zone)
                if opening > local:
                    return opening
        return None

    def next_opening_in_words(self, now: datetime) -> str:
        """``hoy a las 15:00``, ``el lunes a las 08:30``, or with its date when it is more than six days away."""
        opening = self.next_opening(now)
        if opening is None:
            return say("desk.horario.sin_fecha")
        return say("desk.horario.apertura", dia=self._day_in_words(opening, self._local(now)), hora=f"{opening:%H:%M}")

    def _day_in_words(self, opening: datetime, local: datetime) -> str:
        days = (opening.date() - local.date()).days
        if days <= 1:
            return say("desk.horario.hoy") if days == 0 else say("desk.horario.manana")
        weekday = say(f"desk.horario.dias.{opening.weekday()}")
        if days <= DAYS_NAMED_BY_WEEKDAY:
            return say("desk.horario.dia", dia=weekday)
        month = say(f"desk.horario.meses.{opening.month}")
        return say("desk.horario.dia_y_fecha", dia=weekday, numero=opening.day, mes=month)

    def _attended(self, day: date) -> tuple[Span, ...]:
        closed = day in self._closures or day in self._holidays
        return () if closed else self._week[day.weekday()]

    def _local(self, now: datetime) -> datetime:
        if now.tzinfo is None:
            raise ValueError("a moment without time zone has no opening hours")
        return now.astimezone(self._zone)


def _spans(texts: Sequence[str]) -> tuple[Span, ...]:
    return tuple(sorted((Span.from_text(text) for text in texts), key=lambda span: span.start))
