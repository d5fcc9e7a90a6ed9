"""Draws charts of waiting times and call-backs per day: two numbers for each day, one behind the other, and a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.texts import area, say
from bot.desk.pages.figures.view import Names, Row
from bot.figures.charts import Columns, columns
from bot.figures.daily.values import CALLS
from bot.figures.numbers import duration, number, short_day
from bot.figures.report import Report
from bot.figures.results import NOTHING, Numbers
from bot.figures.shown import FEW, every

# The chart's name in cifras.yml -> the ids of its two figures: median and 90th percentile.
CHARTS = {"espera": ("espera_mediana", "espera_p90"), "respuesta": ("respuesta_mediana", "respuesta_p90")}
ASKED, IN_TIME = CALLS[:2]
CALL_FIGURES = (*CALLS, "llamada_mediana")


@dataclass(frozen=True)
class DayChart:
    """A chart with two numbers per day, drawn one behind the other.

    ``legend`` names the number in front and the number behind ('' if there is none). ``rows``, with the columns
    ``heads``, is the table of the days with cases.
    """

    id: str
    title: str
    chart: Columns
    legend: tuple[str, str]
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


def times_charts(report: Report, team: str) -> list[DayChart]:
    """Returns the charts of one team, or of all teams together if ``team`` is ''; [] if no citizen waited."""
    made = [_times(report, team, name, *ids) for name, ids in CHARTS.items()]
    return [one for one in made if one.rows]


def calls_chart(report: Report, team: str) -> DayChart | None:
    """Returns the chart of a team's call-backs, of all teams' if ``team`` is ''; None if there were no requests."""
    fronts, backs, rows = [], [], []
    for day, numbers in _days(report, team):
        label, asked, kept = short_day(day), numbers.get(ASKED, NOTHING), numbers.get(IN_TIME, NOTHING)
        fronts.append((label, kept.value or 0, number(kept.value or 0)))
        backs.append((label, asked.value or 0, number(asked.value or 0)))
        if asked.value:
            counts = (number(numbers[id].value or 0) for id in CALLS)
            rows.append(Row(label, (*counts, _median(numbers))))
    words = area("cifras")["llamadas"]
    made = DayChart(
        "llamadas-dia",
        words["por_dia"],
        columns(fronts, backs),
        (words["columnas"][2], words["columnas"][1]),
        tuple(words["columnas"][1:]),
        tuple(rows),
    )
    return made if rows else None


def call_teams(report: Report, names: Names) -> list[Row]:
    """Returns a row with CALL_FIGURES for each team with call-back requests; the team with the most comes first."""
    found = {team: one for team, one in report.compared.teams.items() if one[ASKED].value}
    ordered = sorted(found, key=lambda team: (-(found[team][ASKED].value or 0), team))
    return [
        Row(
            names.teams.get(team, team),
            (*(number(found[team][id].value or 0) for id in CALLS), _median(found[team])),
        )
        for team in ordered
    ]


def _median(numbers: Numbers) -> str:
    (one,) = every(CALL_FIGURES[-1:], numbers)
    return one.value if one.counted.among else ""


def _days(report: Report, team: str) -> list[tuple[date, Numbers]]:
    found, start = report.compared.days.get(team, {}), report.period.start
    days = [start + timedelta(days=place) for place in range(report.period.days)]
    return [(day, found.get(day, {})) for day in days]


def _times(report: Report, team: str, name: str, median: str, most: str) -> DayChart:
    fronts, backs, rows = [], [], []
    for day, numbers in _days(report, team):
        label, half, nine = short_day(day), numbers.get(median, NOTHING), numbers.get(most, NOTHING)
        long = nine.value or 0 if nine.among >= FEW else 0
        cells = duration(half.value or 0), duration(long) if nine.among >= FEW else say("cifras.muy_pocos")
        fronts.append((label, half.value or 0, cells[0]))
        backs.append((label, long, cells[1]))
        if half.among:
            rows.append(Row(label, (*cells, number(half.among))))
    words = area("cifras")["esperas_dia"]
    behind = words["nueve"] if any(value for _, value, _ in backs) else ""
    heads = (words["mitad"], words["nueve"], words["casos"])
    return DayChart(name, words[name], columns(fronts, backs), (words["mitad"], behind), heads, tuple(rows))
