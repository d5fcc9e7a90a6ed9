"""Makes the tables of the figures by segment, in Spanish; values with few conversations have no numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.agency.figure_settings import FigureSegment
from bot.desk.pages.figures.view import NO_LISTS, Lists, Row
from bot.figures.counting import EPISODES
from bot.figures.daily.rollup import SEGMENT_FIGURES
from bot.figures.numbers import number
from bot.figures.report import Report
from bot.figures.shown import every


@dataclass(frozen=True)
class SegmentTable:
    """The table of a segment; rows of values with too few conversations to be shown have no cells."""

    name: str
    rows: tuple[Row, ...]


def segment_tables(report: Report, segments: Sequence[FigureSegment], lists: Lists = NO_LISTS) -> list[SegmentTable]:
    """Returns a table for each segment; values with the most conversations come first, unknown and hidden ones last."""
    return [_segment_table(one, report, lists) for one in segments if report.segments.get(one.key)]


def _segment_table(segment: FigureSegment, report: Report, lists: Lists) -> SegmentTable:
    parts, secret = report.segments[segment.key], report.hidden_values(segment.key)
    earlier, people = report.shown_before(segment.key), report.people.segments.get(segment.key, {})
    rows = []
    for value in sorted(parts, key=lambda value: (value in secret, not value, -parts[value][EPISODES].among, value)):
        if value in secret:
            rows.append(Row(segment.titled(value), ()))
            continue
        count, *others = every(SEGMENT_FIGURES, parts[value], earlier.get(value))
        cells = (count.value, number(people.get(value, 0)), *(one.value for one in others))
        before = (count.before, "", *(one.before for one in others))
        at = lists.of(EPISODES, segmento=f"{segment.key}.{value}")
        rows.append(Row(segment.titled(value), cells, before=before, listed=at))
    return SegmentTable(segment.name, tuple(rows))
