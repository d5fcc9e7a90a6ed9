"""Determines whether the agency is open now, and answers questions about its hours, from agency.yml.

A question is answered only if it consists of a known phrase and words such as «mañana» or «la muni»: other questions
may be about an office with other hours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby

from bot.agency.model import Agency
from bot.agency.schedule import Opening, Schedule, Span
from bot.core.texts import area, say
from bot.handoff.hours import OpeningHours
from bot.public_notices.board import NoticeBoard
from bot.public_notices.measures import Kind
from bot.turns.buttons import plain

LATELY = timedelta(minutes=1)  # longer than the action server may take


def open_now(agency: Agency, now: datetime, board: NoticeBoard | None = None) -> Opening:
    """Returns whether the agency is open, with Spanish text such as «Abierto, cierra a las 14:00».

    ``board`` contains the notices that may change the hours. Raises ValueError for a time without a time zone.
    """
    hours = OpeningHours.from_agency(agency, board=board)
    if hours.is_open(now):
        closing = hours.closing(now)
        return Opening(
            True, agency.say("abierto", hora=f"{closing:%H:%M}") if closing else agency.say("abierto_siempre")
        )
    key = "cerrado_feriado" if hours.is_holiday(now) else "cerrado"
    if hours.next_opening(now) is None:
        return Opening(False, agency.say("cerrado_sin_fecha"))
    return Opening(False, agency.say(key, apertura=hours.next_opening_in_words(now)))


def changed_opening(agency: Agency, board: NoticeBoard, now: datetime) -> str:
    """Returns, in Spanish, whether the agency is open now, if a running notice changes its hours; else ''."""
    kinds = [one.kind for notice in board.running if not notice.drill for one in notice.measures if not one.target]
    return open_now(agency, now, board).words if Kind.HOURS in kinds else ""


def usual_openings(agency: Agency, now: datetime) -> set[str]:
    """Returns the texts of ``open_now`` for ``now`` and for LATELY earlier, ignoring public notices.

    An answer about opening hours that was given a moment ago contains one of them.
    """
    return {open_now(agency, moment).words for moment in (now - LATELY, now)}


class HoursAnswer:
    """Answers questions about the opening hours: gives the weekly hours and states whether the agency is open now."""

    def __init__(self, agency: Agency, board: NoticeBoard | None = None) -> None:
        self._agency = agency
        self._hours = OpeningHours.from_agency(agency, board=board)

    async def __call__(self, text: str, now: datetime) -> str:
        """Returns the answer as Markdown; '' if the text is not a question about the opening hours."""
        if not asks_for_hours(text):
            return ""
        week = week_in_words(self._agency.schedule)
        if self._hours.is_open(now):
            return self._agency.say("horario_abierto", semana=week)
        return self._agency.say("horario_cerrado", semana=week, apertura=self._hours.next_opening_in_words(now))


def asks_for_hours(text: str) -> bool:
    """Returns whether the text only asks when the offices are open."""
    known, words = area("agency")["preguntas_por_el_horario"], plain(text)
    for phrase in sorted(known["frases"], key=len, reverse=True):
        before, found, after = f" {words} ".partition(f" {phrase} ")
        if found:
            return {*before.split(), *after.split()} <= set(known["palabras"])
    return False


def week_in_words(schedule: Schedule) -> str:
    """Formats the weekly hours in Spanish, one line per group of equal days: «lunes a jueves de 08:30 a 14:00»."""
    lines = []
    for spans, group in groupby(range(7), lambda day: schedule.week[day]):
        days = list(group)
        names = [say(f"desk.horario.dias.{day}") for day in (days[0], days[-1])]
        name = names[0] if len(days) == 1 else say("desk.horario.dias_seguidos", primero=names[0], ultimo=names[1])
        lines.append(say("desk.horario.dia_y_horas", dias=name, horas=_spans_in_words(spans)))
    return "\n".join(lines)


def _spans_in_words(spans: tuple[Span, ...]) -> str:
    ranges = [say("desk.horario.tramo", desde=f"{one.start:%H:%M}", hasta=f"{one.end:%H:%M}") for one in spans]
    return say("desk.horario.y").join(ranges) or say("desk.horario.cerrado")
