"""Says whether the agency is open at the moment, for the pages and for the answer about its hours."""

from __future__ import annotations

from datetime import datetime

from bot.agency.model import Agency
from bot.agency.schedule import Opening
from bot.handoff.hours import OpeningHours


def open_now(agency: Agency, now: datetime) -> Opening:
    """Returns whether the agency is open, with words such as «Abierto, cierra a las 14:00», in the agency's texts.

    Raises ValueError for a time without a time zone.
    """
    hours = OpeningHours.from_agency(agency)
    if hours.is_open(now):
        closing = hours.closing(now)
        return Opening(
            True, agency.say("abierto", hora=f"{closing:%H:%M}") if closing else agency.say("abierto_siempre")
        )
    key = "cerrado_feriado" if hours.is_holiday(now) else "cerrado"
    if hours.next_opening(now) is None:
        return Opening(False, agency.say("cerrado_sin_fecha"))
    return Opening(False, agency.say(key, apertura=hours.next_opening_in_words(now)))
