"""Parses the result of a call attempt, and chooses the time of the next attempt and the notice to the agent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.conversation.readable import readable
from bot.core.texts import say
from bot.desk.auth.guard import Refused
from bot.desk.queries.callbacks import RESULTS, Tried
from bot.handoff.callbacks.form import Window
from bot.handoff.hours import OpeningHours
from bot.record.callback_record import REACHED

MAX_NOTE_CHARACTERS = 500
HOUR = "hour"
AGAIN = (HOUR, Window.MORNING.value, Window.AFTERNOON.value)


def read_try(form: Any, hours: OpeningHours, now: datetime) -> Tried:
    """Parses the form of an attempt; raises Refused if a value is invalid or not among the page's options."""
    result, note = str(form.get("resultado", "")), readable(str(form.get("nota", ""))).strip()
    again = str(form.get("proximo", HOUR))
    if result not in RESULTS or again not in AGAIN or len(note) > MAX_NOTE_CHARACTERS:
        raise Refused(422, "invalid", say("desk.llamadas.invalido", maximo=MAX_NOTE_CHARACTERS))
    return Tried(result, note, next_try(hours, again, now))


def next_try(hours: OpeningHours, again: str, now: datetime) -> datetime:
    """Returns the time of the next call, in the team's open hours.

    ``again`` is HOUR, for an hour from now or later, or a value of Window, for the next morning or afternoon. A morning
    or afternoon that is in progress does not count as the next.
    """
    earliest = now + timedelta(hours=1)
    if again == HOUR:
        return hours.first_attended(earliest) or earliest
    window = Window(again).span
    if window.start <= now.time() < window.end:
        earliest = datetime.combine(now.date() + timedelta(days=1), window.start, now.tzinfo)
    return hours.first_attended(earliest, window) or earliest


def saved_words(tried: Tried, again: str) -> str:
    """Returns the notice after saving; ``again`` is the formatted time of the next attempt, '' if there is none."""
    if again:
        return say("desk.llamadas.guardado_otra_vez", cuando=again)
    return say(f"desk.llamadas.guardado_{'hablamos' if tried.result == REACHED else 'cerrada'}")
