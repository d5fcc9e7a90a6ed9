"""Compiles the monthly report, which is shown as a page, as a PDF and in an e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.agency.model import Agency
from bot.core.texts import say
from bot.desk.pages.figures.ages import AgeSummary, aged, summary
from bot.desk.pages.figures.filters import MONTH
from bot.desk.pages.figures.segments import SegmentTable, segment_tables
from bot.desk.pages.figures.times import ASKED
from bot.desk.pages.figures.view import (
    AskedEntry,
    Names,
    Row,
    asked_entries,
    brief,
    days_chart,
    team_rows,
    unwritten_rows,
)
from bot.desk.pages.figures.windows import WindowsView, windows_view
from bot.faq.entries.entry import Entry
from bot.figures.charts import Columns
from bot.figures.numbers import day_in_words, month_in_words, number
from bot.figures.report import Report, Reports
from bot.figures.results import NOTHING, month_of
from bot.figures.sampling.promise import Promise
from bot.figures.sampling.samples import Samples
from bot.figures.sampling.words import every as found_words
from bot.figures.sampling.words import promised
from bot.figures.shown import FEW, Shown, shown

FIVE = ("conversaciones", "resueltas", "sin_respuesta", "espera_mediana", "sirvio")
MOST_ROWS, MOST_DECISIONS = 5, 4
MOST_OLD = 3  # entries that nobody confirmed for over a year
SETTLED_DAYS = 7  # days after the month in which citizens may still come back; afterwards the numbers are final
LATE = 0.2  # share of call-backs made late that is worth a decision
LONG_WAIT_S = 900  # wait of the slowest team that is worth a decision
WORRYING = 0.05  # share of conversations without an answer that is worth a decision


@dataclass(frozen=True)
class Figure:
    """One of the report's five figures; all fields are Spanish text.

    ``before`` is the previous month's value; ``meaning`` explains the figure.
    """

    name: str
    value: str
    detail: str
    before: str
    meaning: str


@dataclass(frozen=True)
class MonthReport:
    """The report of a month, with Spanish texts.

    ``is_open`` means that the numbers may still change, ``is_empty`` that there were no conversations. ``brief``
    contains the sentences that sum up the month, ``five`` the figures of FIVE, and ``days`` the chart of conversations
    per day. ``asked`` are the most used entries, ``unwritten`` the topics that lack an answer, and ``waits`` the teams'
    waiting times. ``promised`` states the promised maximum of wrong answers, ``found`` the results of the samples
    (Markdown). ``segments`` has a table per segment that the agency chose; a row with too few conversations has no
    cells. ``ages`` is None without published entries. ``decisions`` are sentences that propose what to decide.
    """

    month: date
    title: str
    lead: str
    is_open: bool
    is_empty: bool
    brief: Sequence[str]
    five: Sequence[Figure]
    days: Columns
    asked: Sequence[AskedEntry]
    ages: AgeSummary | None
    unwritten: Sequence[Row]
    waits: Sequence[Row]
    segments: Sequence[SegmentTable]
    windows: WindowsView | None  # None if nobody wrote on WhatsApp
    promised: str
    found: Sequence[str]
    decisions: Sequence[str]
    footer: str


@dataclass(frozen=True)
class Monthly:
    """Compiles the reports of an agency; ``entries`` are the published entries."""

    reports: Reports
    samples: Samples
    promise: Promise
    agency: Agency
    entries: Sequence[Entry] = ()

    async def of(self, month: date, now: datetime) -> MonthReport:
        """Returns the report of the month that contains the day ``month``; ``now`` is in the agency's time zone.

        Raises SQLAlchemyError.
        """
        period = month_of(month)
        report = (await self.reports.of(period, now)).as_of(now.date())
        nothing = "sin_antes" if period.is_comparable(now.date()) else "en_curso"
        names = Names({one.id: one.question for one in self.entries}, self.agency.teams)
        words = month_in_words(period.start).lower()
        ages = summary(aged(self.entries, await self.reports.every_entry(period), now.date()), MOST_OLD)
        unwritten, waits = unwritten_rows(report), team_rows(report, names)
        is_newest = period.start >= month_of(now.date()).before.start
        today = [*(await self._sample_decisions() if is_newest else ()), *_decisions(report, names)]
        return MonthReport(
            month=period.start,
            title=say("informe.titulo", mes=words),
            lead=say("informe.bajada", asistente=self.agency.assistant, agencia=self.agency.name),
            is_open=now.date() < period.end + timedelta(days=SETTLED_DAYS),
            is_empty=not report.count("conversaciones"),
            brief=brief(report),
            five=[_figure(shown(id, report.now, report.before), say(f"informe.{nothing}")) for id in FIVE],
            days=days_chart(report),
            asked=asked_entries(report, names)[:MOST_ROWS],
            ages=ages,
            unwritten=unwritten[:MOST_ROWS],
            waits=[Row(row.name, row.cells[:3]) for row in waits],
            segments=segment_tables(report, self.agency.figure_segments),
            windows=windows_view(report, self.agency.whatsapp_prices),
            promised=promised(self.agency.risk),
            found=found_words(await self.samples.pools(until=period.end)),
            decisions=[*today, *(_old(ages) if is_newest else ())][:MOST_DECISIONS] or [say("informe.decisiones.nada")],
            footer=say("informe.pie", dia=day_in_words(now.date())),
        )

    async def _sample_decisions(self) -> list[str]:
        lines = [say("informe.decisiones.cautela")] if await self.promise.open() else []
        left = (await self.samples.progress()).left
        return [*lines, *([say("informe.decisiones.muestra", n=number(left))] if left else [])]


def _figure(one: Shown, nothing: str) -> Figure:
    before = say("informe.antes", valor=one.earlier) if one.earlier else nothing
    return Figure(one.definition.name, one.value, one.detail, before, one.definition.short)


def _old(ages: AgeSummary | None) -> list[str]:
    urgent = ages.urgent if ages else 0
    key = "antigua" if urgent == 1 else "antiguas"
    return [say(f"informe.decisiones.{key}", n=number(urgent))] if urgent else []


def _decisions(report: Report, names: Names) -> list[str]:
    """Returns sentences that propose decisions because of the numbers, most urgent first."""
    lines = []
    lost = report.now.get("sin_respuesta", NOTHING)
    if (lost.value or 0) >= FEW and (lost.share or 0) > WORRYING:
        lines.append(say("informe.decisiones.sin_respuesta", valor=shown("sin_respuesta", report.now).value))
    waiting = report.now.get("en_espera", NOTHING)
    if (waiting.value or 0) >= FEW and (waiting.share or 0) > WORRYING:
        lines.append(say("informe.decisiones.en_fila", n=number(int(waiting.value or 0))))
    asked = report.count(ASKED)
    late = report.count("llamadas_tarde")
    if asked >= FEW and late > LATE * asked:
        lines.append(say("informe.decisiones.llamadas", tarde=number(late), pedidas=number(asked)))
    teams = {team: one for team, one in report.compared.teams.items() if team and one["espera_p90"].among >= FEW}
    slowest = max(teams, key=lambda team: teams[team]["espera_p90"].value or 0, default="")
    if len(teams) > 1 and (teams[slowest]["espera_p90"].value or 0) >= LONG_WAIT_S:
        wait = shown("espera_p90", teams[slowest]).value
        lines.append(say("informe.decisiones.equipo", equipo=names.teams.get(slowest, slowest), espera=wait))
    lacking = sum(one.unwritten >= FEW for topic, one in report.groups["theme"].items() if topic)
    rows = [row for row in unwritten_rows(report) if row.name != say("cifras.sin_tema")]
    lines += [say("informe.decisiones.escribir", tema=row.name, n=row.cells[0]) for row in rows[: min(lacking, 2)]]
    return lines


def month_key(text: str, today: date) -> date:
    """Returns the first day of a month such as ``2026-10``; for any other text, that of the last full month."""
    found = MONTH.fullmatch(text)
    last = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return date(int(found[1]), int(found[2]), 1) if found else last
