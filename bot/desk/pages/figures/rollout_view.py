"""Describes the roll-out's evidence in Spanish: shares with their intervals, and whether they differ by chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.channels import name_of
from bot.core.texts import area, say
from bot.desk.queries.rollout_evidence import BACK_WITHIN, Drawn, Evidence, Outcome, Stretch
from bot.figures.intervals import difference, wilson
from bot.figures.numbers import day_in_words, number, percent
from bot.figures.results import Counted
from bot.figures.shown import FEW
from bot.text.csv_lines import MARK, csv_line
from bot.turns.rollout import Kind, Step

LEAST = 30  # with fewer cases on one side, no difference is stated
SHARES = ("resolved", "returned", "useful")
POINTS_FINE_BELOW = 1.0  # percentage points


@dataclass(frozen=True)
class Line:
    """A row of a table: its name, the two numbers, and whether they differ by more than chance."""

    name: str
    first: str
    second: str
    verdict: str


@dataclass(frozen=True)
class ChangeView:
    """A change of the roll-out, in Spanish.

    ``drawn`` compares the citizens inside and outside the share; () if there is no share. ``heads`` and ``drawn_heads``
    are the headings of the number columns; ``notes`` are caveats.
    """

    id: int
    title: str
    when: str
    heads: tuple[str, str]
    lines: Sequence[Line]
    notes: Sequence[str]
    drawn: Sequence[Line]
    drawn_heads: tuple[str, str]


def change_view(one: Evidence, timezone: str, now: datetime) -> ChangeView:
    zone = ZoneInfo(timezone)
    at = one.change.at.astimezone(zone)
    before = step_words(one.change.before) if one.change.before else say("cifras.apertura.sin_registro")
    drawn = one.drawn
    return ChangeView(
        id=one.change.id,
        title=say(
            "cifras.apertura.cambio",
            canal=name_of(one.change.channel),
            antes=before,
            despues=step_words(one.change.after),
        ),
        when=say(
            "cifras.apertura.cuando",
            dia=day_in_words(at.date()),
            ano=at.year,
            hora=f"{at:%H:%M}",
            antes=_days(one.before, zone),
            despues=_days(one.after, zone),
        ),
        heads=(say("cifras.apertura.antes"), say("cifras.apertura.despues")),
        lines=list(_lines(one.earlier, one.later)),
        notes=list(_notes(one, now)),
        drawn=list(_drawn_lines(drawn)) if drawn and drawn.outside.people else (),
        drawn_heads=(say("cifras.apertura.fuera"), say("cifras.apertura.dentro")),
    )


def step_words(step: Step) -> str:
    """Returns a step of the roll-out as Spanish text, such as «abierto al 10 %»."""
    words: str = area("desk")["canales_pagina"]["estados"][step.kind.value]
    return words.format(n=step.percent)


def _days(stretch: Stretch, zone: ZoneInfo) -> str:
    since, until = (one.astimezone(zone).date() for one in (stretch.since, stretch.until))
    return say("cifras.apertura.tramo", desde=day_in_words(since), hasta=day_in_words(until))


def _lines(earlier: Outcome, later: Outcome) -> Iterator[Line]:
    names = area("cifras")["apertura"]["filas"]
    for name in ("conversations", "people"):
        yield Line(names[name], number(getattr(earlier, name)), number(getattr(later, name)), "")
    for name in SHARES:
        yield _compared(names[name], getattr(earlier, name), getattr(later, name))


def _drawn_lines(drawn: Drawn) -> Iterator[Line]:
    """Yields the rows for citizens outside and inside the share; outside, the assistant sends only notices."""
    names = area("cifras")["apertura"]["filas"]
    yield Line(names["people"], number(drawn.outside.people), number(drawn.inside.people), "")
    yield _compared(names["returned"], drawn.outside.returned, drawn.inside.returned, "_dentro")


def _compared(name: str, first: Counted, second: Counted, kind: str = "") -> Line:
    return Line(name, _share(first), _share(second), verdict(first, second, kind))


def _share(one: Counted) -> str:
    """Formats a share with its interval, such as «34 % (28 a 41), 62 de 182»."""
    value = one.value or 0
    if one.among < FEW:
        return say("cifras.de", valor=number(value), total=number(one.among)) if one.among else say("cifras.sin_casos")
    low, high = (number(100 * edge) for edge in wilson(value, one.among))
    counts = {"valor": number(value), "total": number(one.among)}
    return say("cifras.apertura.parte", parte=percent(value / one.among, 0), desde=low, hasta=high, **counts)


def verdict(first: Counted, second: Counted, kind: str = "") -> str:
    """Returns a Spanish sentence that states whether the two shares differ by more than chance.

    ``kind`` is '' for a comparison over time, ``_dentro`` for a comparison of citizens inside and outside the share.
    """
    if min(first.among, second.among) < LEAST:
        return say("cifras.apertura.muy_pocas")
    low, high = difference((first.value or 0, first.among), (second.value or 0, second.among))
    if low <= 0 <= high:
        return say("cifras.apertura.azar")
    near, far = sorted(100 * abs(edge) for edge in (low, high))
    decimals = int(near < POINTS_FINE_BELOW)
    key = "mas" if low > 0 else "menos"
    return say(f"cifras.apertura.{key}{kind}", desde=number(near, decimals), hasta=number(far, decimals))


def _notes(one: Evidence, now: datetime) -> Iterator[str]:
    notes = area("cifras")["apertura"]["notas"]
    if one.change.before and one.change.before.kind in {Kind.OFF, Kind.STAFF}:
        yield notes["antes_cerrado"]
    if one.change.after.kind in {Kind.OFF, Kind.STAFF}:
        yield notes["despues_cerrado"]
    if one.after.until > now - BACK_WITHIN:
        yield notes["falta"]
    if one.drawn and not one.drawn.outside.people:
        yield notes["sin_fuera"]
    if one.drawn and one.drawn.unknown:
        yield notes["borradas"].format(n=number(one.drawn.unknown))


def evidence_csv(found: Sequence[Evidence]) -> str:
    """Returns the numbers of all comparisons as CSV, with 95 % intervals as shares; numbers have a decimal comma."""
    lines = [list(area("cifras")["apertura"]["archivo"])]
    for one in found:
        parts = [("antes", one.before, one.earlier), ("despues", one.after, one.later)]
        if one.drawn:
            parts += [("dentro", one.after, one.drawn.inside), ("fuera", one.after, one.drawn.outside)]
        for part, stretch, outcome in parts:
            lines += _file_rows(one, part, stretch, outcome)
    return MARK + "".join(map(csv_line, lines))


def _file_rows(one: Evidence, part: str, stretch: Stretch, outcome: Outcome) -> Iterator[list[str]]:
    words = area("cifras")["apertura"]
    change = one.change
    before = step_words(change.before) if change.before else ""
    head = [name_of(change.channel), _moment(change.at), before, step_words(change.after), words["tramos"][part]]
    head += [_moment(stretch.since), _moment(stretch.until)]
    for name in ("conversations", "people"):
        yield [*head, words["filas"][name], str(getattr(outcome, name)), "", "", ""]
    for name in SHARES:
        counted: Counted = getattr(outcome, name)
        edges = wilson(counted.value or 0, counted.among) if counted.among else None
        interval = [f"{edge:.4f}".replace(".", ",") for edge in edges] if edges else ["", ""]
        yield [*head, words["filas"][name], f"{counted.value or 0:.0f}", str(counted.among), *interval]


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="minutes")
