"""Parses the period and the channel in the address of the page of figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.messages import Channel
from bot.core.texts import say
from bot.figures.counting import Period, month_of
from bot.figures.numbers import day_in_words, month_in_words

LAST_DAYS = (7, 30, 90)
USUAL = "30"
MONTHS = 12
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Filters:
    """The chosen period and channel; ``period_key`` is the address's ``periodo``, ``channel`` is '' for all."""

    period_key: str
    period: Period
    channel: str

    @property
    def query(self) -> dict[str, str]:
        return {"periodo": self.period_key} | ({"canal": self.channel} if self.channel else {})

    @property
    def title(self) -> str:
        """Returns the period in words, such as «Del 1 al 30 de noviembre»."""
        last = self.period.end - timedelta(days=1)
        return say("cifras.del_al", desde=day_in_words(self.period.start), hasta=day_in_words(last), ano=last.year)


def filters_of(query: Mapping[str, str], today: date) -> Filters:
    """Parses the filters of an address; missing or invalid ones get their default."""
    key, channel = query.get("periodo", USUAL), query.get("canal", "")
    month = MONTH.fullmatch(key)
    if month:
        period = month_of(date(int(month[1]), int(month[2]), 1))
    else:
        key = key if key in map(str, LAST_DAYS) else USUAL
        period = Period(today - timedelta(days=int(key) - 1), today + timedelta(days=1))
    return Filters(key, period, channel if channel in set(Channel) else "")


def period_choices(today: date) -> list[tuple[str, str]]:
    """Returns the periods to choose from, as (key, Spanish name): the last days, then months, newest first."""
    last = [(str(days), say("cifras.ultimos_dias", n=days)) for days in LAST_DAYS]
    month, months = today.replace(day=1), []
    for _ in range(MONTHS):
        months.append((f"{month:%Y-%m}", month_in_words(month)))
        month = (month - timedelta(days=1)).replace(day=1)
    return last + months
