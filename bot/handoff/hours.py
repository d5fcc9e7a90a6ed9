"""Computes when a team is open, from weekly hours, legal holidays and closures, and formats the next opening."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from zoneinfo import ZoneInfo

import holidays

from bot.agency.model import Agency
from bot.agency.schedule import WHOLE_DAY, Schedule, Span
from bot.core.texts import say
from bot.handoff.elections import is_election
from bot.public_notices.board import NoticeBoard
from bot.public_notices.hours import HoursChange, changes_of

CHILE = "CL"
MAX_DAYS_AHEAD = 60
DAYS_NAMED_BY_WEEKDAY = 6


class OpeningHours:
    """The service hours of the agency or of a team; methods raise ValueError for a time without a time zone.

    ``changes()`` returns the temporary hours set by public notices; a later change overrides an earlier one.
    """

    def __init__(
        self,
        schedule: Schedule,
        timezone: str = "America/Santiago",
        changes: Callable[[], Sequence[HoursChange]] = tuple,
    ) -> None:
        self._zone = ZoneInfo(timezone)
        self._schedule, self._changes = schedule, changes
        self._country, _, region = schedule.holidays.partition("-")
        self._holidays = _holidays(self._country, region) if self._country else {}

    @classmethod
    def from_agency(cls, agency: Agency, team: str = "", board: NoticeBoard | None = None) -> OpeningHours:
        """Builds a team's own hours, or the agency's if the team has none, with the changes of a board's notices."""
        changes = partial(changes_of, board, team) if board else tuple
        return cls(agency.team_schedules.get(team, agency.schedule), agency.timezone, changes)

    def is_open(self, now: datetime) -> bool:
        return self.open_since(now) is not None

    def open_since(self, now: datetime) -> datetime | None:
        """Returns the start of the current opening span; None while the team is closed."""
        local = self._local(now)
        for span in self._attended(local.date()):
            if span.start <= local.time() < span.end:
                return datetime.combine(local.date(), span.start, self._zone)
        return None

    def closing(self, now: datetime) -> datetime | None:
        """Returns the end of the current opening span; None while the team is closed, or if it never closes.

        A span that begins when another ends, even at midnight, continues it.
        """
        local = self._local(now)
        end = local
        for ahead in range(MAX_DAYS_AHEAD + 1):
            day = local.date() + timedelta(days=ahead)
            for span in self._attended(day):
                starts, ends = _on(day, span.start, self._zone), _on(day, span.end, self._zone)
                if starts <= end < ends:
                    end = ends
            if end < _on(day, time.max, self._zone):
                return end if end > local else None
        return None

    def is_holiday(self, now: datetime) -> bool:
        """Returns whether a legal holiday or an election closes the team on a weekday on which it is otherwise open."""
        day = self._local(now).date()
        return self._is_holiday(day) and bool(self._schedule.week[day.weekday()])

    def next_opening(self, now: datetime) -> datetime | None:
        """Returns the next opening after ``now`` in local time; None if there is none within MAX_DAYS_AHEAD days."""
        local = self._local(now)
        for ahead in range(MAX_DAYS_AHEAD + 1):
            day = local.date() + timedelta(days=ahead)
            for span in self._attended(day):
                opening = datetime.combine(day, span.start, self._zone)
                if opening > local:
                    return opening
        return None

    def next_opening_in_words(self, now: datetime) -> str:
        return self.in_words(self.next_opening(now), now)

    def first_attended(self, now: datetime, window: Span = WHOLE_DAY) -> datetime | None:
        """Returns the first moment, not before ``now``, when the team is open within ``window``, a part of the day.

        Returns None if there is none within MAX_DAYS_AHEAD.
        """
        local = self._local(now)
        for ahead in range(MAX_DAYS_AHEAD + 1):
            day = local.date() + timedelta(days=ahead)
            for span in self._attended(day):
                start, end = max(span.start, window.start), min(span.end, window.end)
                if start < end and datetime.combine(day, end, self._zone) > local:
                    return max(local, datetime.combine(day, start, self._zone))
        return None

    def after(self, moment: datetime, open_ms: int) -> datetime | None:
        """Returns the moment at which the team has been open for ``open_ms`` ms since ``moment``.

        Returns None if that takes more than MAX_DAYS_AHEAD days.
        """
        start, left = self._local(moment), timedelta(milliseconds=open_ms)
        for ahead in range(MAX_DAYS_AHEAD + 1):
            day = start.date() + timedelta(days=ahead)
            for span in self._attended(day):
                begin = max(start, datetime.combine(day, span.start, self._zone))
                length = datetime.combine(day, span.end, self._zone) - begin
                if length >= left:
                    return begin + left
                left -= max(length, timedelta(0))
        return None

    def next_day(self, now: datetime) -> datetime | None:
        """Returns the first opening after the end of today; None if there is none within MAX_DAYS_AHEAD days."""
        midnight = datetime.combine(self._local(now).date(), time.max, self._zone)
        return self.next_opening(midnight)

    def attends_in(self, window: Span) -> bool:
        """Returns whether the team is open within ``window``, a part of the day, on at least one weekday."""
        spans = [span for day in self._schedule.week for span in day]
        return any(max(span.start, window.start) < min(span.end, window.end) for span in spans)

    def in_words(self, moment: datetime | None, now: datetime) -> str:
        """Formats a moment: ``hoy a las 15:00``, ``el lunes a las 08:30``, with its date if more than six days away.

        For None, returns a text without a date.
        """
        if moment is None:
            return say("desk.horario.sin_fecha")
        local = self._local(moment)
        return say("desk.horario.apertura", dia=self.day_in_words(local, now), hora=f"{local:%H:%M}")

    def day_in_words(self, moment: datetime, now: datetime) -> str:
        """Formats the day of a moment: ``hoy``, ``mañana``, ``el lunes``, with the date if more than six days away."""
        opening = self._local(moment)
        days = (opening.date() - self._local(now).date()).days
        if days <= 1:
            return say("desk.horario.hoy") if days == 0 else say("desk.horario.manana")
        weekday = say(f"desk.horario.dias.{opening.weekday()}")
        if days <= DAYS_NAMED_BY_WEEKDAY:
            return say("desk.horario.dia", dia=weekday)
        month = say(f"desk.horario.meses.{opening.month}")
        return say("desk.horario.dia_y_fecha", dia=weekday, numero=opening.day, mes=month)

    def _attended(self, day: date) -> tuple[Span, ...]:
        spans = () if self._is_holiday(day) else self._schedule.week[day.weekday()]
        for closure in self._schedule.closures:
            if closure.day == day:
                spans = tuple(piece for span in spans for piece in span.without(closure.span))
        for change in self._changes():
            spans = change.applied(spans, day, self._zone)
        return spans

    def _is_holiday(self, day: date) -> bool:
        return day in self._holidays or (self._country == CHILE and is_election(day))

    def _local(self, now: datetime) -> datetime:
        if now.tzinfo is None:
            raise ValueError("a moment without time zone has no opening hours")
        return now.astimezone(self._zone)


@cache
def _holidays(country: str, region: str) -> holidays.HolidayBase:
    """Returns the legal holidays of a country and region; teams share it, since each takes as long to build."""
    return holidays.country_holidays(country, subdiv=region or None)


def _on(day: date, moment: time, zone: ZoneInfo) -> datetime:
    """Returns the time ``moment`` on the day ``day``; ``time.max`` stands for the next day's midnight."""
    if moment == time.max:
        return datetime.combine(day + timedelta(days=1), time.min, zone)
    return datetime.combine(day, moment, zone)


class ServiceHours:
    """The service hours of every team, with the changes that the notices of ``board`` make."""

    def __init__(self, agency: Agency, board: NoticeBoard | None = None) -> None:
        self._agency_hours = OpeningHours.from_agency(agency, board=board)
        self._own = {team: OpeningHours.from_agency(agency, team, board) for team in agency.team_schedules}

    def of(self, team: str) -> OpeningHours:
        return self._own.get(team, self._agency_hours)
