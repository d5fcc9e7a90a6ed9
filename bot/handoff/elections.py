"""Computes the days of general elections in Chile: legal holidays that are missing in the ``holidays`` library.

President and Congress: the third Sunday of November, every fourth year (articles 26 and 47 of the Constitution), with a
second round four Sundays later. Municipalities and regions: the last Sunday of October, every fourth year, with a
second round for governors four Sundays later. A date set by law for one occasion (a plebiscite, a second day of voting)
must be added to agency.yml as a closure. The day of a second round counts as a holiday even if none was needed, which
affects only teams that are open on Sundays.
"""

from __future__ import annotations

from datetime import date, timedelta

CYCLE_YEARS = 4
A_PRESIDENTIAL_YEAR = 2025
A_MUNICIPAL_YEAR = 2024
SECOND_ROUND_AFTER = timedelta(weeks=4)
SUNDAY = 6


def is_election(day: date) -> bool:
    return any(day in {first, first + SECOND_ROUND_AFTER} for first in _first_rounds(day.year))


def _first_rounds(year: int) -> list[date]:
    if (year - A_PRESIDENTIAL_YEAR) % CYCLE_YEARS == 0:
        return [_sunday_on_or_after(date(year, 11, 15))]
    if (year - A_MUNICIPAL_YEAR) % CYCLE_YEARS == 0:
        return [_sunday_on_or_after(date(year, 10, 25))]
    return []


def _sunday_on_or_after(day: date) -> date:
    return day + timedelta(days=SUNDAY - day.weekday())
