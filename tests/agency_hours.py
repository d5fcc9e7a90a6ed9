"""Changes the demo agency's hours: open now, or closed until tomorrow, whatever the time of the test."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.agency.model import Agency
from bot.agency.schedule import WEEKDAYS, Closure, schedule

OPENS = "mañana a las 08:30"


def by_day(agency: Agency) -> Agency:
    """Returns the agency with hours in which it is always open."""
    return replace(agency, schedule=schedule({day: ["00:00-24:00"] for day in WEEKDAYS}, "", []), team_schedules={})


def at_night(agency: Agency) -> Agency:
    """Returns the agency with hours in which it is closed for today and opens tomorrow at 08:30."""
    today = datetime.now(ZoneInfo(agency.timezone)).date()
    hours = schedule({day: ["08:30-17:30"] for day in WEEKDAYS}, "", [])
    return replace(agency, schedule=replace(hours, closures=(Closure(today),)), team_schedules={})
