"""Formats the estimated wait in Spanish and recognizes questions about it."""

from __future__ import annotations

from bot.agency.model import Agency
from bot.core.texts import area, say
from bot.turns.buttons import plain

MINUTE_MS = 60_000
EXACT_MINUTES, MAX_MINUTES, ROUND_TO, HOUR = 10, 55, 5, 60
MAX_QUESTION_WORDS = 12
MUCH_MS = 10 * MINUTE_MS
MUCH_TIMES = 2


def in_words(wait_ms: int) -> str:
    """Formats a wait (ms) in Spanish, rounded: ``menos de un minuto``, ``unos 8 minutos``, ``unas 2 horas``."""
    minutes = round(wait_ms / MINUTE_MS)
    if minutes >= MAX_MINUTES:
        hours = round(minutes / HOUR)
        return say("desk.espera.hora") if hours <= 1 else say("desk.espera.horas", n=hours)
    if minutes > EXACT_MINUTES:
        minutes = ROUND_TO * round(minutes / ROUND_TO)
    if minutes <= 1:
        return say("desk.espera.minuto")
    return say("desk.espera.minutos", n=minutes)


def sentence(agency: Agency, wait_ms: int | None) -> str:
    """Returns a sentence with the estimated wait, or, if ``wait_ms`` is None, one that says there is no estimate."""
    if wait_ms is None:
        return agency.say("espera_sin_datos")
    return agency.say("espera_estimada", espera=in_words(wait_ms))


def changed_much(announced_ms: int, now_ms: int) -> bool:
    """Returns whether the two waits differ by at least MUCH_MS and by at least a factor of MUCH_TIMES."""
    less, more = sorted((announced_ms, now_ms))
    return more - less >= MUCH_MS and more >= MUCH_TIMES * less


def asks_how_long(text: str) -> bool:
    """Returns whether a short message asks about the wait, such as «¿cuánto falta?»."""
    words = plain(text)
    short = len(words.split()) <= MAX_QUESTION_WORDS
    return short and any(phrase in words for phrase in area("agency")["preguntas_por_la_espera"])
