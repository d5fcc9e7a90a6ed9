"""Formats the estimated wait in Spanish, and recognizes questions about the wait."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

from bot.core.texts import area, say
from bot.handoff.matter import asks_to_reach_somebody, states_matter
from bot.text.doubts import only_says
from bot.turns.buttons import plain

ROUND_MINUTES, HALF_HOUR, HOUR = 5, 30, 60
SHORT_MINUTES = 10
MAX_QUESTION_WORDS = 12


def in_words(low: float, high: float) -> str:
    """Formats a wait of ``low`` to ``high`` minutes, rounded outwards, such as ``entre 20 y 40 minutos``.

    The shortest result is ``menos de 10 minutos`` (SHORT_MINUTES).
    """
    if high <= SHORT_MINUTES:
        return say("desk.espera.menos", n=SHORT_MINUTES)
    first, last = _rounded(low, up=False), _rounded(high, up=True)
    if first == 0:
        return say("desk.espera.menos_de", tiempo=_length(last))
    if last < HOUR:
        return say("desk.espera.entre", desde=first, hasta=_length(last))
    if first % HOUR == last % HOUR == 0:
        return say("desk.espera.entre", desde=first // HOUR, hasta=_length(last))
    return say("desk.espera.entre", desde=_length(first), hasta=_length(last))


def clock_words(moment: datetime, *, up: bool) -> str:
    """Formats a time of day, rounded up (``up``) or down to half an hour, such as ``09:30``."""
    minutes = moment.hour * HOUR + moment.minute
    rounded = (math.ceil if up else math.floor)(minutes / HALF_HOUR) * HALF_HOUR
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return f"{midnight + timedelta(minutes=rounded):%H:%M}"


def asks_how_long(text: str) -> bool:
    """Returns whether a short message asks about the wait («¿cuánto falta?»), is only «?», or asks for a person.

    «¿Hay alguien ahí?» and «¿cuándo me van a atender?» count only alone, with fillers.
    """
    words = plain(text)
    if (not words and "?" in text) or asks_to_reach_somebody(text) or only_says("preguntas_si_hay_alguien", text):
        return True
    short = len(words.split()) <= MAX_QUESTION_WORDS
    return short and any(phrase in words for phrase in area("agency")["preguntas_por_la_espera"])


def names_matter(text: str) -> bool:
    """Returns whether a text that asks how long names something else than the wait: «cuánto demora la licencia»."""
    rest = plain(text)
    for phrase in area("agency")["preguntas_por_la_espera"]:
        rest = re.sub(rf"\b{phrase}\w*", " ", rest)
    said = set(rest.split())
    return said.isdisjoint(area("agency")["dicho_de_la_espera"]) and states_matter(rest)


def _rounded(minutes: float, *, up: bool) -> int:
    step = ROUND_MINUTES if minutes <= HOUR else HALF_HOUR
    return (math.ceil if up else math.floor)(minutes / step) * step


def _length(minutes: int) -> str:
    if minutes < HOUR:
        return say("desk.espera.minutos", n=minutes)
    hours, rest = divmod(minutes, HOUR)
    words = say("desk.espera.hora") if hours == 1 else say("desk.espera.horas", n=hours)
    return say("desk.espera.y_media", tiempo=words) if rest else words
