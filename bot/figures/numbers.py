"""Formats numbers, money, durations and dates as in Chile: «1.234», «12 %», «12,40 USD», «3 h 20 min», «3 nov»."""

from __future__ import annotations

from datetime import date

from bot.core.texts import area, say

SPACE = "\u00a0"  # keeps a number and its unit on one line
FINE_FROM = 1000  # number of cases from which a percentage has one decimal
WITHOUT_CENTS = frozenset({"CLP"})
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


def number(value: float, decimals: int = 0) -> str:
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def money(amount: float, currency: str) -> str:
    """Formats an amount with its ISO 4217 currency, such as «12,40 USD»; pesos have no cents."""
    return f"{number(amount, 0 if currency in WITHOUT_CENTS else 2)}{SPACE}{currency}"


def percent(share: float, among: int) -> str:
    """Formats a share as a percentage, with one decimal if there are enough cases (``among``)."""
    return f"{number(100 * share, 1 if among >= FINE_FROM else 0)}{SPACE}%"


def duration(seconds: float) -> str:
    """Formats a number of seconds as seconds, as minutes, as hours and minutes, or as days and hours."""
    whole = round(seconds)
    if whole < MINUTE_S:
        return _units((whole, "s"))
    if whole < HOUR_S:
        return _units((round(whole / MINUTE_S), "min"))
    if whole < DAY_S:
        return _units((whole // HOUR_S, "h"), (whole % HOUR_S // MINUTE_S, "min"))
    return _units((whole // DAY_S, "d"), (whole % DAY_S // HOUR_S, "h"))


def _units(*parts: tuple[int, str]) -> str:
    return SPACE.join(f"{number(count)}{SPACE}{unit}" for count, unit in parts if count) or f"0{SPACE}{parts[-1][1]}"


def day_in_words(day: date) -> str:
    """Formats a day, such as «3 de noviembre»."""
    return say("cifras.dia", dia=day.day, mes=area("desk")["horario"]["meses"][str(day.month)])


def short_day(day: date) -> str:
    """Formats a day in short, such as «3 nov»."""
    return f"{day.day}{SPACE}{area('desk')['horario']['meses'][str(day.month)][:3]}"


def month_in_words(day: date) -> str:
    """Formats the month of a day, such as «Noviembre de 2026»."""
    return say("cifras.mes", mes=area("desk")["horario"]["meses"][str(day.month)].capitalize(), ano=day.year)
