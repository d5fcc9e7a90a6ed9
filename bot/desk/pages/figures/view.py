"""Converts a report into the values that the page of figures shows, in Spanish."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode

from bot.channels.web.answers.shown import topic_title
from bot.core.channels import name_of
from bot.core.messages import HandoffReason
from bot.core.texts import area, say
from bot.figures.charts import Columns, columns, width
from bot.figures.counting import EPISODES
from bot.figures.definitions import ENDINGS
from bot.figures.numbers import number, short_day
from bot.figures.report import Report
from bot.figures.results import NOTHING, Group, Numbers
from bot.figures.sampling.words import signals
from bot.figures.shown import FEW, Shown, every, in_hundred, shown, unanswered

PATH = "/desk/cifras"
BY_CHANNEL = ("conversaciones", "personas", "respondidas", "atendidas", "sin_respuesta", "resueltas")
BY_TEAM = ("conversaciones", "espera_mediana", "espera_p90", "respuesta_mediana", "respuesta_p90")
TOP = ("conversaciones", "personas", "resueltas", "sin_respuesta", "espera_mediana", "sirvio")
OPINIONS = ("nota", "opinan", "sirvio", "contestan", "no_era_eso")
HANDED = ("pasadas", "no_escritas", "elegidas")
WAITS = ("espera_mediana", "espera_p90", "respuesta_mediana", "respuesta_p90")


@dataclass(frozen=True)
class Row:
    """A row of a table: its name, its cells, and the length of its bar from 0 to 100.

    ``before`` has, for each cell, the text about the previous period; '' or missing if there is none. ``listed`` is the
    address of the list of the row's conversations, or ''.
    """

    name: str
    cells: tuple[str, ...]
    bar: float = 0.0
    before: tuple[str, ...] = ()
    listed: str = ""

    @property
    def compared(self) -> list[tuple[str, str]]:
        """Returns each cell with its text about the previous period."""
        return list(zip_longest(self.cells, self.before[: len(self.cells)], fillvalue=""))


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
    listed: str = ""


@dataclass(frozen=True)
class Names:
    """The names of entries (their questions) and of teams, keyed by id."""

    questions: Mapping[str, str]
    teams: Mapping[str, str]


@dataclass(frozen=True)
class Lists:
    """The addresses of the lists of conversations; ``query`` holds the page's filters."""

    query: Mapping[str, str] = field(default_factory=dict)

    def of(self, figure: str, **slice: object) -> str:
        """Returns the URL of the conversations that ``figure`` counts; ``slice`` limits them to one table row."""
        return f"{PATH}/{figure}?{urlencode({**self.query, **slice})}"


def view_of(report: Report, names: Names, lists: Lists) -> dict[str, Any]:
    """Returns the values for the template figures.html that come from the report."""
    now, before = report.now, report.before
    themes, reasons = report.groups["theme"], report.groups["reason"]
    return {
        "brief": brief(report),
        "top": every(TOP, now, before),
        "drills": report.drills,
        "signals": signals(now),
        "endings": _endings(every(ENDINGS, now, before)),
        "handed": every(HANDED, now, before),
        "waits": every(WAITS, now, before),
        "opinions": every(OPINIONS, now, before),
        "days": days_chart(report),
        "hours": _hours(report.groups["hour"]),
        "hour_rows": _hour_rows(report, lists),
        "count_words": number,
        "channel_rows": _channel_rows(report, lists),
        "teams": team_rows(report, names, lists),
        "themes": [
            _counted(
                report, key, theme_words(key), themes, people=report.people.themes, at=lists.of(EPISODES, tema=key)
            )
            for key in _most(themes)
        ],
        "unwritten": unwritten_rows(report, lists),
        "reasons": [
            _counted(report, key, reason_words(key), reasons, at=lists.of("pasadas", motivo=key))
            for key in _most(reasons)
            if key
        ],
        "entries": asked_entries(report, names, lists),
        "total": report.count("conversaciones"),
    }


NO_LISTS = Lists()


def brief(report: Report) -> list[str]:
    """Returns the sentences that sum up the report."""
    if report.is_hidden:
        return [say("cifras.segmentos.oculto_aviso")]
    now, count = report.now, report.count("conversaciones")
    if not count:
        return [say("cifras.breve.nada")]
    lines = [
        say("cifras.breve.cuantas", personas=number(report.count("personas")), conversaciones=number(count))
        + _change(count, int(report.before.get("conversaciones", NOTHING).value or 0))
    ]
    shares = {id: in_hundred(now, id) for id in ("respondidas", "atendidas", "sin_respuesta")}
    if count < FEW:
        return [*lines, say("cifras.breve.pocas")]
    waiting = now.get("en_espera", NOTHING).value
    still = " " + say("cifras.breve.en_espera", en_espera=in_hundred(now, "en_espera")) if waiting else ""
    lines.append(say("cifras.breve.como", **shares) + still + unanswered(now))
    if now["espera_mediana"].among >= FEW:
        wait = shown("espera_mediana", now).value
        lines.append(say("cifras.breve.espera", espera=wait, p90=shown("espera_p90", now).value))
    return lines


def _change(now: int, before: int) -> str:
    """Returns Spanish text for how much a number changed, such as « (12 % más que en el período anterior).».

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


def _hour_rows(report: Report, lists: Lists) -> list[Row]:
    """Returns a row for each hour in which somebody wrote: conversations and citizens."""
    hours = report.groups["hour"]
    words = {hour: say("cifras.hora", h=f"{hour:02}") for hour in hours}
    return [
        _counted(report, hour, words[hour], hours, people=report.people.hours, at=lists.of(EPISODES, hora=hour))
        for hour in sorted(hours)
    ]


def _channel_rows(report: Report, lists: Lists) -> list[Row]:
    compared = report.compared
    at = {key: lists.of(EPISODES, canal=key) for key in compared.channels}
    return _by(compared.channels, BY_CHANNEL, name_of, compared.channels_before, at)


def team_rows(report: Report, names: Names, lists: Lists = NO_LISTS) -> list[Row]:
    """Returns a row for each team, with its conversations, waiting times and response times."""
    teams = {team: one for team, one in report.compared.teams.items() if team}
    at = {team: lists.of("pasadas", equipo=team) for team in teams}
    return _by(teams, BY_TEAM, names.teams.get, report.compared.teams_before, at)


def _by(
    groups: Mapping[str, Numbers],
    ids: Sequence[str],
    name: Callable[[str], str | None],
    earlier: Mapping[str, Numbers],
    at: Mapping[str, str],
) -> list[Row]:
    """Returns a row for each group with its figures ``ids``, sorted by the first figure, highest first."""
    rows = []
    for key in sorted(groups, key=lambda key: -(groups[key][ids[0]].value or 0)):
        shown = every(ids, groups[key], earlier.get(key))
        cells, before = tuple(one.value for one in shown), tuple(one.before for one in shown)
        rows.append(Row(name(key) or key, cells, before=before, listed=at[key]))
    return rows


def _most(groups: Mapping[str, Group]) -> list[str]:
    """Returns the keys of the groups; the group with the most conversations comes first."""
    return sorted(groups, key=lambda key: (-groups[key].count, key))


def _counted(
    report: Report,
    key: Any,
    name: str,
    groups: Mapping[Any, Group],
    *,
    people: Mapping[Any, int] | None = None,
    at: str = "",
) -> Row:
    """Returns the row of a group: conversations, citizens if ``people`` is given, and answered conversations."""
    one, most = groups[key], max(group.count for group in groups.values())
    cells = [number(one.count), *([number(people.get(key, 0))] if people is not None else []), number(one.answered)]
    before = (say("cifras.antes", valor=number(one.before)) if report.is_compared else "",)
    return Row(name, tuple(cells), width(one.count, most), before, at)


def unwritten_rows(report: Report, lists: Lists = NO_LISTS) -> list[Row]:
    """Returns a row for each topic in which the FAQ lacked an answer: its conversations, and their trend."""
    found = {topic: one for topic, one in report.groups["theme"].items() if one.unwritten}
    most = max((one.unwritten for one in found.values()), default=0)
    return [
        Row(
            theme_words(topic),
            (number(found[topic].unwritten), _trend(found[topic].unwritten, found[topic].unwritten_before, report)),
            width(found[topic].unwritten, most),
            listed=lists.of("no_escritas", tema=topic),
        )
        for topic in sorted(found, key=lambda topic: (-found[topic].unwritten, topic))
    ]


def theme_words(topic: str) -> str:
    return topic_title(topic) if topic else say("cifras.sin_tema")


def reason_words(reason: str) -> str:
    """Returns the reason of a handoff as Spanish text; for a reason that this release does not know, its key."""
    return str(area("desk")["motivos"][reason]).capitalize() if reason in set(HandoffReason) else reason


def asked_entries(report: Report, names: Names, lists: Lists = NO_LISTS) -> list[AskedEntry]:
    most = max((one.count for one in report.entries), default=0)
    return [
        AskedEntry(
            names.questions.get(one.entry, one.entry),
            number(one.count),
            _trend(one.count, one.before, report),
            say("cifras.de", valor=number(one.useful), total=number(one.useful + one.useless))
            if one.useful + one.useless
            else "",
            width(one.count, most),
            lists.of(EPISODES, entrada=one.entry),
        )
        for one in report.entries
    ]


def _trend(count: int, before: int, report: Report) -> str:
    """Returns how a number compares with the previous period's as Spanish text; '' if that may not be shown."""
    if not report.is_compared:
        return ""
    if not before:
        return say("cifras.tendencia.nueva")
    key = "igual" if count == before else "sube" if count > before else "baja"
    return say(f"cifras.tendencia.{key}", antes=number(before))
