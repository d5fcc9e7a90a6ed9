"""Reads the section ``datos_personales`` of agency.yml, and computes the deadlines of requests about personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import holidays
from pydantic import BaseModel, ConfigDict, Field

from bot.agency.schedule import Schedule

ANSWER_DAYS = 30  # calendar days to answer a request, and of its extension (Ley 19.628, art. 11)
BLOCKING_WORKING_DAYS = 2
SATURDAY = 5


class RequestKind(StrEnum):
    """The right that a citizen exercises with a request about personal data."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    OBJECTION = "objection"
    PORTABILITY = "portability"
    BLOCKING = "blocking"


class _Delegate(BaseModel):
    model_config = ConfigDict(extra="forbid")
    nombre: str = ""
    correo: str = ""


class PrivacyFile(BaseModel):
    """The section ``datos_personales`` of agency.yml as written; ``ley_desde`` is when Ley 21.719 takes effect."""

    model_config = ConfigDict(extra="forbid")
    ley_desde: date = date(2026, 12, 1)
    delegado: _Delegate = _Delegate()
    conservacion_solicitudes_dias: int = 1825
    conservacion_cuentas_dias: int = Field(default=730, ge=1)

    def read(self) -> PrivacySettings:
        return PrivacySettings(
            self.ley_desde,
            self.delegado.nombre,
            self.delegado.correo,
            self.conservacion_solicitudes_dias,
            self.conservacion_cuentas_dias,
        )


@dataclass(frozen=True)
class PrivacySettings:
    """The settings for requests about personal data.

    ``law_since`` is the date on which Ley 21.719 takes effect. The name and e-mail of the data protection delegate are
    '' if there is none. A request is kept for ``keep_request_days`` days, and an account of staff is anonymized
    ``keep_staff_days`` days after it was deactivated.
    """

    law_since: date
    delegate_name: str
    delegate_email: str
    keep_request_days: int
    keep_staff_days: int


def due_at(kind: RequestKind, at: datetime, schedule: Schedule) -> datetime:
    """Returns the deadline of a request received ``at``: the end of the last permitted day, in ``at``'s time zone."""
    day = at.date()
    if kind is RequestKind.BLOCKING:
        for _ in range(BLOCKING_WORKING_DAYS):
            day = _next_working_day(day, schedule.holidays)
    else:
        day += timedelta(days=ANSWER_DAYS)
    return at.replace(year=day.year, month=day.month, day=day.day, hour=23, minute=59, second=59, microsecond=0)


def extended(due: datetime, timezone: str) -> datetime:
    """Returns the deadline after an extension, at the same hour in ``timezone`` also after a change of the clocks.

    The law permits one extension of a request.
    """
    return due.astimezone(ZoneInfo(timezone)) + timedelta(days=ANSWER_DAYS)


def _next_working_day(day: date, place: str) -> date:
    country, _, region = place.partition("-")
    free = holidays.country_holidays(country, subdiv=region or None) if country else {}
    day += timedelta(days=1)
    while day.weekday() >= SATURDAY or day in free:
        day += timedelta(days=1)
    return day
