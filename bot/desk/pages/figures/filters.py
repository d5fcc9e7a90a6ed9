"""Parses the URLs of the pages of figures: period, channel, segment, team, and the row to list."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.agency.figure_settings import FigureSegment
from bot.core.messages import Channel
from bot.core.texts import say
from bot.figures.numbers import day_in_words, month_in_words
from bot.figures.results import Period, month_of
from bot.figures.segments import Part, Selection, Slice

LAST_DAYS = (7, 30, 90)
USUAL = "30"
MONTHS = 12
# The parameter of a row's list -> the dimension of its table.
SLICES = {"tema": "theme", "motivo": "reason", "equipo": "team", "hora": "hour", "entrada": "entry"}
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Filters:
    """The chosen period, channel and part of a segment; ``period_key`` is the URL's parameter ``periodo``.

    ``team`` filters the figures per day and team; '' means all teams.
    """

    period_key: str
    period: Period
    only: Selection
    team: str = ""

    @property
    def part_key(self) -> str:
        """Returns the URL's parameter ``segmento``; '' for all episodes."""
        return part_key(self.only.part) if self.only.part else ""

    @property
    def shown(self) -> dict[str, str]:
        """Returns the URL's parameters without the team, which filters only some charts."""
        return {name: value for name, value in self.query.items() if name != "equipo"}

    @property
    def query(self) -> dict[str, str]:
        chosen = {"canal": self.only.channel, "segmento": self.part_key, "equipo": self.team}
        return {"periodo": self.period_key} | {name: value for name, value in chosen.items() if value}

    @property
    def title(self) -> str:
        """Returns the period as Spanish text, such as «Del 1 de noviembre al 30 de noviembre de 2026»."""
        last = self.period.end - timedelta(days=1)
        return say("cifras.del_al", desde=day_in_words(self.period.start), hasta=day_in_words(last), ano=last.year)


def part_key(part: Part) -> str:
    """Returns a part in the form of the URL, such as ``comuna.otra-comuna``, or ``comuna.`` for an unknown commune."""
    return f"{part.segment}.{part.value}"


def part_choices(segments: Sequence[FigureSegment]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Returns the parts to choose from: each segment's name with its parts, as (key, Spanish name)."""
    return [
        (one.name, [(part_key(Part(one.key, value)), one.titled(value)) for value in (*one.values, "")])
        for one in segments
    ]


def filters_of(
    query: Mapping[str, str], today: date, segments: Sequence[FigureSegment], teams: Container[str] = ()
) -> Filters:
    """Parses the filters of a URL; missing or invalid filters get their defaults."""
    key, channel = query.get("periodo", USUAL), query.get("canal", "")
    month = MONTH.fullmatch(key)
    if month:
        period = month_of(date(int(month[1]), int(month[2]), 1))
    else:
        key = key if key in map(str, LAST_DAYS) else USUAL
        period = Period(today - timedelta(days=int(key) - 1), today + timedelta(days=1))
    parts = {part_key(part): part for one in segments for part in (Part(one.key, value) for value in (*one.values, ""))}
    only = Selection(channel if channel in set(Channel) else "", parts.get(query.get("segmento", "")))
    team = query.get("equipo", "")
    return Filters(key, period, only, team if team in teams else "")


def slice_of(query: Mapping[str, str]) -> Slice:
    """Returns the slice of episodes that the URL's query selects: those of one table row, or all if it names no row."""
    return next((Slice(name, query[key]) for key, name in SLICES.items() if key in query), Slice())


def period_lead(filters: Filters, today: date) -> str:
    """Returns a Spanish sentence on the period and what it is compared with."""
    period = filters.period
    if period.is_comparable(today):
        return say("cifras.bajada", periodo=filters.title, dias=period.before.days)
    return say("cifras.bajada_abierta", periodo=filters.title, van=period.past(today), dias=period.days)


def period_choices(today: date) -> list[tuple[str, str]]:
    """Returns the periods to choose from, as (key, Spanish name): the last days, then months, newest first."""
    last = [(str(days), say("cifras.ultimos_dias", n=days)) for days in LAST_DAYS]
    month, months = today.replace(day=1), []
    for _ in range(MONTHS):
        months.append((f"{month:%Y-%m}", month_in_words(month)))
        month = (month - timedelta(days=1)).replace(day=1)
    return last + months
