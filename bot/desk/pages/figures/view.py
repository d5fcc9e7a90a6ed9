"""Converts a report into the values that the page of figures shows, in Spanish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.agency.figure_settings import FigureSegment
from bot.channels.web.answers.shown import topic_title
from bot.core.channels import name_of
from bot.core.messages import HandoffReason
from bot.core.texts import area, say
from bot.figures.charts import Columns, columns, width
from bot.figures.counting import EPISODES
from bot.figures.definitions import ENDINGS
from bot.figures.numbers import number, short_day
from bot.figures.report import Report
from bot.figures.results import NOTHING, Group, Listed
from bot.figures.rollup import SEGMENT_FIGURES
from bot.figures.shown import FEW, Shown, every, in_hundred, shown

BY_CHANNEL = ("conversaciones", "personas", "respondidas", "atendidas", "sin_respuesta", "resueltas")
BY_TEAM = ("conversaciones", "espera_mediana", "espera_p90", "respuesta_mediana", "respuesta_p90")
TOP = ("conversaciones", "personas", "resueltas", "sin_respuesta", "espera_mediana", "sirvio")
OPINIONS = ("nota", "opinan", "sirvio", "contestan", "no_era_eso")
HANDED = ("pasadas", "no_escritas", "elegidas")
WAITS = ("espera_mediana", "espera_p90", "respuesta_mediana", "respuesta_p90")


@dataclass(frozen=True)
class Row:
    """A row of a table: its name, its cells, and the length of its bar from 0 to 100."""

    name: str
    cells: tuple[str, ...]
    bar: float = 0.0


@dataclass(frozen=True)
class AskedEntry:
    """An entry that gave answers.

    ``trend`` compares their number with the period before, and ``useful`` counts ratings.
    """

    question: str
    count: str
    trend: str
    useful: str
    bar: float


@dataclass(frozen=True)
class Names:
    """The names of entries (their questions) and of teams, keyed by id."""

    questions: Mapping[str, str]
    teams: Mapping[str, str]


def view_of(report: Report, names: Names) -> dict[str, Any]:
    """Returns the values for figures.html: sentences, figures, charts and rows of tables, in Spanish."""
    now, before = report.now, report.before
    return {
        "brief": brief(report),
        "top": every(TOP, now, before),
        "endings": _endings(every(ENDINGS, now, before)),
        "handed": every(HANDED, now, before),
        "waits": every(WAITS, now, before),
        "opinions": every(OPINIONS, now, before),
        "days": days_chart(report),
        "hours": _hours(report.groups["hour"]),
        "count_words": number,
        "channel_rows": _by(report.compared.channels, BY_CHANNEL, name_of),
        "teams": team_rows(report, names),
        "themes": _counted(report.groups["theme"], _theme),
        "unwritten": unwritten_rows(report),
        "reasons": _counted({key: one for key, one in report.groups["reason"].items() if key}, reason_words),
        "entries": asked_entries(report, names),
        "total": report.count("conversaciones"),
    }


@dataclass(frozen=True)
class SegmentTable:
    """The table of a segment; rows of values with too few conversations to be shown have no cells."""

    name: str
    rows: tuple[Row, ...]


def segment_tables(report: Report, segments: Sequence[FigureSegment]) -> list[SegmentTable]:
    """Returns a table for each segment, values with the most conversations first, unknown and hidden ones last."""
    return [_segment_table(one, report) for one in segments if report.segments.get(one.key)]


def _segment_table(segment: FigureSegment, report: Report) -> SegmentTable:
    parts, secret = report.segments[segment.key], report.hidden_values(segment.key)
    ordered = sorted(parts, key=lambda value: (value in secret, not value, -parts[value][EPISODES].among, value))
    shown_parts = {value: every(SEGMENT_FIGURES, parts[value]) for value in ordered if value not in secret}
    rows = (Row(segment.titled(value), tuple(one.value for one in shown_parts.get(value, ()))) for value in ordered)
    return SegmentTable(segment.name, tuple(rows))


def brief(report: Report) -> list[str]:
    """Returns the sentences that sum up the report."""
    if report.is_hidden:
        return [say("cifras.segmentos.oculto_aviso")]
    now, count = report.now, report.count("conversaciones")
    if not count:
        return [say("cifras.breve.nada")]
    told = [
        say("cifras.breve.cuantas", personas=number(report.count("personas")), conversaciones=number(count))
        + _change(count, int(report.before.get("conversaciones", NOTHING).value or 0))
    ]
    shares = {id: in_hundred(now, id) for id in ("respondidas", "atendidas", "sin_respuesta")}
    if count < FEW:
        return [*told, say("cifras.breve.pocas")]
    told.append(say("cifras.breve.como", **shares))
    if now["espera_mediana"].among >= FEW:
        wait = shown("espera_mediana", now).value
        told.append(say("cifras.breve.espera", espera=wait, p90=shown("espera_p90", now).value))
    return told


def _change(now: int, before: int) -> str:
    """Returns Spanish text for how much a number changed, such as « (12 % más que antes)».

    Returns '.' if ``before`` is below FEW.
    """
    if before < FEW:
        return "."
    share = round(100 * (now - before) / before)
    key = "igual" if not share else "mas" if share > 0 else "menos"
    return say(f"cifras.breve.{key}", n=number(abs(share)))


def _endings(figures: Sequence[Shown]) -> list[tuple[Shown, float]]:
    """Returns the endings that occurred, most frequent first, each with the length of its bar."""
    most = max((one.counted.value or 0 for one in figures), default=0)
    found = [(one, width(one.counted.value or 0, most)) for one in figures if one.counted.value]
    return sorted(found, key=lambda pair: -pair[1])


def days_chart(report: Report) -> Columns:
    """Builds the chart of conversations per day."""
    groups, start = report.groups["day"], report.period.start
    days = [start + timedelta(days=number) for number in range(report.period.days)]
    return _chart([(short_day(day), groups.get(day)) for day in days])


def _hours(groups: Mapping[Any, Group]) -> Columns:
    return _chart([(say("cifras.hora", h=f"{hour:02}"), groups.get(hour)) for hour in range(24)])


def _chart(rows: Iterable[tuple[str, Group | None]]) -> Columns:
    counts = [(label, one.count if one else 0) for label, one in rows]
    return columns([(label, count, number(count)) for label, count in counts])


def team_rows(report: Report, names: Names) -> list[Row]:
    """Returns a row for each team, with its conversations, waiting times and response times."""
    return _by({team: one for team, one in report.compared.teams.items() if team}, BY_TEAM, names.teams.get)


def _by(groups: Mapping[str, Any], ids: Sequence[str], name: Any) -> list[Row]:
    """Returns a row for each group with its figures ``ids``, sorted by the first figure, highest first."""
    ordered = sorted(groups.items(), key=lambda pair: -(pair[1][ids[0]].value or 0))
    return [Row(name(key) or key, tuple(one.value for one in every(ids, numbers))) for key, numbers in ordered]


def _counted(groups: Mapping[str, Group], name: Any) -> list[Row]:
    """Returns a row for each group: the number of its conversations, and how many of them the assistant answered."""
    most = max((one.count for one in groups.values()), default=0)
    ordered = sorted(groups.items(), key=lambda pair: (-pair[1].count, pair[0]))
    return [Row(name(key), (number(one.count), number(one.answered)), width(one.count, most)) for key, one in ordered]


def unwritten_rows(report: Report) -> list[Row]:
    """Returns a row for each topic in which the FAQ lacked an answer, with its conversations, most first."""
    found = {topic: one.unwritten for topic, one in report.groups["theme"].items() if one.unwritten}
    most = max(found.values(), default=0)
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Row(_theme(topic), (number(count),), width(count, most)) for topic, count in ordered]


def _theme(topic: str) -> str:
    return topic_title(topic) if topic else say("cifras.sin_tema")


def reason_words(reason: str) -> str:
    """Returns the reason of a handoff as Spanish text; for a reason that this release does not know, its key."""
    return str(area("desk")["motivos"][reason]).capitalize() if reason in set(HandoffReason) else reason


@dataclass(frozen=True)
class ListedRow:
    """A row that a figure counts: a conversation or, for figures about reply windows, a day of one.

    ``conversation`` is '' if it was deleted or the reader is not permitted to open it.
    """

    at: str
    cells: tuple[str, ...]  # channel, topic, reason of the handoff, team
    conversation: str


def listed_rows(found: Sequence[Listed], timezone: str, teams: Mapping[str, str], *, opens: bool) -> list[ListedRow]:
    """Formats the rows that a figure counts; ``opens`` adds links to the conversations."""
    zone = ZoneInfo(timezone)
    return [
        ListedRow(
            one.started_at.astimezone(zone).strftime("%d-%m-%Y %H:%M"),
            (
                name_of(one.channel),
                _theme(one.theme) if one.theme is not None else "",
                reason_words(one.reason) if one.reason else "",
                teams.get(one.team, one.team),
            ),
            (one.conversation or "") if opens else "",
        )
        for one in found
    ]


def asked_entries(report: Report, names: Names) -> list[AskedEntry]:
    most = max((one.count for one in report.entries), default=0)
    return [
        AskedEntry(
            names.questions.get(one.entry, one.entry),
            number(one.count),
            _trend(one.count, one.before) if report.before else "",
            say("cifras.de", valor=number(one.useful), total=number(one.useful + one.useless))
            if one.useful + one.useless
            else "",
            width(one.count, most),
        )
        for one in report.entries
    ]


def _trend(count: int, before: int) -> str:
    if not before:
        return say("cifras.tendencia.nueva")
    key = "igual" if count == before else "sube" if count > before else "baja"
    return say(f"cifras.tendencia.{key}", antes=number(before))
