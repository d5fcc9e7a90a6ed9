"""Draws the waiting times of each day: the median, with the time of nine in ten behind it, beside a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.core.texts import say
from bot.desk.pages.figures.view import Row
from bot.figures.charts import Columns, columns
from bot.figures.numbers import duration, number, short_day
from bot.figures.report import Report
from bot.figures.results import NOTHING
from bot.figures.shown import FEW

# The chart's name in cifras.yml -> (median, time of nine in ten).
CHARTS = {"espera": ("espera_mediana", "espera_p90"), "respuesta": ("respuesta_mediana", "respuesta_p90")}


@dataclass(frozen=True)
class TimesChart:
    """A chart of times by day; ``rows`` has every day that has cases: the median, nine in ten, number of cases."""

    id: str
    title: str
    chart: Columns
    rows: tuple[Row, ...]

    @property
    def has_backs(self) -> bool:
        return any(one.back and one.back.height for one in self.chart.columns)


def times_charts(report: Report, team: str) -> list[TimesChart]:
    """Returns the charts of one team, of all teams together if ``team`` is ''; [] if nobody waited."""
    made = [_chart(report, team, name, *ids) for name, ids in CHARTS.items()]
    return [one for one in made if one.rows]


def _chart(report: Report, team: str, name: str, median: str, most: str) -> TimesChart:
    found = report.compared.days.get(team, {})
    fronts, backs, rows = [], [], []
    for place in range(report.period.days):
        day = report.period.start + timedelta(days=place)
        label, numbers = short_day(day), found.get(day, {})
        half, nine = numbers.get(median, NOTHING), numbers.get(most, NOTHING)
        long = nine.value or 0 if nine.among >= FEW else 0
        told = duration(half.value or 0), duration(long) if nine.among >= FEW else say("cifras.muy_pocos")
        fronts.append((label, half.value or 0, told[0]))
        backs.append((label, long, told[1]))
        if half.among:
            rows.append(Row(label, (*told, number(half.among))))
    return TimesChart(name, say(f"cifras.esperas_dia.{name}"), columns(fronts, backs), tuple(rows))
