"""Defines periods, and the numbers that are counted in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

MOST_AHEAD = 0.05  # share of a period's days that may not be over: today among 30 days, but not among 7


@dataclass(frozen=True)
class Period:
    """The days from ``start`` (included) to ``end`` (excluded), in the agency's time zone."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def before(self) -> Period:
        """Returns the period of the same length just before this one; for a calendar month, the month before."""
        if self == month_of(self.start):
            return month_of(self.start - timedelta(days=1))
        return Period(self.start - (self.end - self.start), self.start)

    def past(self, today: date) -> int:
        """Returns how many of the days are over."""
        return min(max((today - self.start).days, 0), self.days)

    def is_comparable(self, today: date) -> bool:
        """Returns whether counts may be compared with those of a whole period: nearly all days are over."""
        return self.days - self.past(today) <= MOST_AHEAD * self.days


@dataclass(frozen=True)
class Counted:
    """A figure's number.

    For a share, ``value`` is the part and ``among`` the whole; else ``among`` is the number of rows that the figure
    counts.
    """

    value: float | None
    among: int

    @property
    def share(self) -> float | None:
        return self.value / self.among if self.among and self.value is not None else None


Numbers = Mapping[str, Counted]
NOTHING = Counted(None, 0)


@dataclass(frozen=True)
class Compared:
    """The figures of a period (``now``) and of the previous one (``before``).

    ``channels`` contains the period's sums and people per channel. ``teams`` contains the means, medians, percentiles
    and call-back counts per team, and each team's number of handoffs as its conversations; ``channels_before`` and
    ``teams_before`` are those of the previous period. ``days`` contains the same measures per team and day, without
    days that have none; the team '' means all teams together.
    """

    now: Numbers
    before: Numbers
    channels: Mapping[str, Numbers]
    teams: Mapping[str, Numbers]
    days: Mapping[str, Mapping[date, Numbers]] = field(default_factory=dict)
    channels_before: Mapping[str, Numbers] = field(default_factory=dict)
    teams_before: Mapping[str, Numbers] = field(default_factory=dict)

    def alone(self) -> Compared:
        """Returns a copy without the previous period."""
        return replace(self, before={}, channels_before={}, teams_before={})

    def without_counts_before(self, is_count: Callable[[str], bool]) -> Compared:
        """Returns a copy without those numbers of the previous period whose figure ``is_count``."""

        def rest(numbers: Numbers) -> Numbers:
            return {id: one for id, one in numbers.items() if not is_count(id)}

        channels = {key: rest(one) for key, one in self.channels_before.items()}
        teams = {key: rest(one) for key, one in self.teams_before.items()}
        return replace(self, before=rest(self.before), channels_before=channels, teams_before=teams)


@dataclass(frozen=True)
class Group:
    """The number of episodes with one value of a dimension, and their figures ``respondidas`` and ``no_escritas``.

    ``before`` and ``unwritten_before`` are those of the previous period.
    """

    count: int
    answered: int
    unwritten: int
    before: int = 0
    unwritten_before: int = 0

    def alone(self) -> Group:
        """Returns a copy without the previous period."""
        return Group(self.count, self.answered, self.unwritten)


@dataclass(frozen=True)
class Entry:
    """The number of an entry's answers in the period and the previous one, and the ratings of the period's answers."""

    entry: str
    count: int
    before: int
    useful: int
    useless: int


@dataclass(frozen=True)
class Listed:
    """An episode, or a day of a conversation, that a figure counts; an episode is identified by its start.

    ``conversation`` is None if the conversation was deleted. For a day, ``theme`` is None, ``reason`` and ``team`` are
    ''.
    """

    conversation: str | None
    started_at: datetime
    channel: str
    theme: str | None
    reason: str
    team: str


def month_of(day: date) -> Period:
    """Returns the calendar month that contains a day."""
    start = day.replace(day=1)
    return Period(start, (start + timedelta(days=31)).replace(day=1))
