"""Reads from public notices the changes of a team's opening hours, each of which applies while its notice runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from bot.agency.schedule import Span
from bot.public_notices.board import NoticeBoard
from bot.public_notices.measures import SEPARATOR, Kind


@dataclass(frozen=True)
class HoursChange:
    """Opening hours (``spans``) of every day from ``start`` until ``end``, instead of the usual ones.

    ``spans`` is () if the team is closed.
    """

    start: datetime
    end: datetime
    spans: tuple[Span, ...]

    def applied(self, usual: tuple[Span, ...], day: date, zone: ZoneInfo) -> tuple[Span, ...]:
        """Returns the hours of a day: those of the change while it applies, otherwise the ``usual`` ones."""
        start, end = self.start.astimezone(zone), self.end.astimezone(zone)
        if not start.date() <= day <= end.date():
            return usual
        first = start.time() if start.date() == day else time.min
        last = end.time() if end.date() == day else time.max
        if first >= last:
            return usual
        window = Span(first, last)
        kept = [piece for span in usual for piece in span.without(window)]
        return tuple(sorted((*kept, *_within(self.spans, window)), key=lambda span: span.start))


def changes_of(board: NoticeBoard, team: str) -> list[HoursChange]:
    """Returns the changes of a team's hours, those with higher precedence last.

    A more severe notice takes precedence; within a notice, the team's own change takes precedence over the agency's.
    Drills change nothing.
    """
    found = []
    for notice in reversed(board.known.notices):
        hours = {one.target: one for one in notice.measures if one.kind is Kind.HOURS and not notice.drill}
        for target in dict.fromkeys(("", team)):
            if one := hours.get(target):
                start, end = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (notice.starts_at, notice.ends_at))
                spans = tuple(Span.from_text(text) for text in one.value.split(SEPARATOR) if text)
                found.append(HoursChange(start, end, spans))
    return found


def _within(spans: tuple[Span, ...], window: Span) -> list[Span]:
    cut = (Span(max(one.start, window.start), min(one.end, window.end)) for one in spans)
    return [one for one in cut if one.start < one.end]
