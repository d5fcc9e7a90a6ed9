"""Publishes the figures of each month once, early in the next month, with small counts hidden.

The row of a published month stays the same when its conversations are deleted later.

``publish_again`` is the exception: it recounts the published months.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from bot.core.disk import always
from bot.core.logs import log
from bot.core.messages import Channel
from bot.figures.counting import Counting
from bot.figures.definitions import Definition, Measure, Suppression, Table, definitions, of_table
from bot.figures.grouping import Grouping
from bot.figures.results import Counted, Numbers, Period, month_of
from bot.figures.suppression import SMALLEST, hidden, is_revealing, is_small
from bot.record.engine import Sessions
from bot.record.tables import Episode, FigureMonth

EVERY_S = 3600.0
LEAST_KEPT_DAYS = 45  # ensures that the last month can always be published
ALL = 1200
PUBLISHED_ON = 8  # day of the next month, by which it is known who came back within 7 days
TOTAL = "conversaciones"
DURABLE = "resueltas"
WRONG, RIGHT, RATED = "no_era_eso", "sirvio", "contestan"  # ids of figures about citizens' ratings of answers
PARTS = ("figures", "channels", "durable", "themes")


@dataclass(frozen=True)
class Published:
    """A published number; both fields are None if it is hidden.

    ``among`` is None unless the figure is a share: for a time or a rating, the number of cases would reveal other
    counts by subtraction.
    """

    value: float | None
    among: int | None

    @property
    def is_hidden(self) -> bool:
        return self.value is None


@dataclass(frozen=True)
class Month:
    """A published month: its figures, and the number of conversations per channel, topic and segment.

    ``since`` is the first day counted; None if that is the first day of the month.
    """

    month: date
    since: date | None
    figures: Mapping[str, Published]
    channels: Mapping[str, Published]
    durable: Mapping[str, Published]  # the figure DURABLE by channel
    themes: Mapping[str, Published]
    segments: Mapping[str, Mapping[str, Published]] = field(default_factory=dict)  # segment -> value -> number

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {name: _to_pairs(getattr(self, name)) for name in PARTS}
        data["segments"] = {segment: _to_pairs(part) for segment, part in self.segments.items()}
        return data | {"since": self.since.isoformat() if self.since else None}

    @classmethod
    def from_data(cls, month: date, data: Mapping[str, Any]) -> Month:
        parts = {name: _from_pairs(data[name]) for name in PARTS}
        order = list(definitions())  # JSONB does not keep the order
        pairs = sorted(parts["figures"].items(), key=lambda pair: _place(pair[0], order))
        # Months published by earlier releases contain the number of cases of times and ratings.
        parts["figures"] = {id: one if _is_share(id) else replace(one, among=None) for id, one in pairs}
        since = date.fromisoformat(data["since"]) if data["since"] else None
        # Months of earlier releases have no segments.
        segments = {segment: _from_pairs(part) for segment, part in data.get("segments", {}).items()}
        return cls(month=month, since=since, segments=segments, **parts)


@dataclass(frozen=True)
class Months:
    """Publishes and reads an agency's months of figures; the agency keeps conversations for ``keep_days`` days.

    ``segments`` are the keys of the segments that are published.
    """

    sessions: Sessions
    timezone: str
    keep_days: int
    segments: Collection[str] = ()
    has_room: Callable[[], bool] = always

    async def run(self) -> None:
        """Publishes due months every EVERY_S seconds until cancelled, while the disk has room; logs errors."""
        while True:
            try:
                if self.has_room():
                    await self.publish_due(datetime.now(UTC))
            except (SQLAlchemyError, OSError) as error:
                log.warning("figures: month not published", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def newest(self, count: int) -> list[Month]:
        """Returns the newest ``count`` published months, newest first. Raises SQLAlchemyError."""
        async with self.sessions() as session:
            rows = await session.scalars(select(FigureMonth).order_by(FigureMonth.month.desc()).limit(count))
            return [Month.from_data(row.month, row.figures) for row in rows]

    async def publish_again(self, now: datetime) -> None:
        """Recounts the published months and replaces their figures. Raises SQLAlchemyError."""
        for old in await self.newest(ALL):
            made = await self._make(month_of(old.month), old.since, now)
            change = update(FigureMonth).where(FigureMonth.month == old.month)
            async with self.sessions.begin() as session:
                await session.execute(change.values(figures=made.to_data(), published_at=now))

    async def publish_due(self, now: datetime) -> None:
        """Publishes each unpublished month, from day PUBLISHED_ON of the next month. Raises SQLAlchemyError.

        On the first run, leaves out months of which the record may already have deleted conversations.
        """
        today = now.astimezone(ZoneInfo(self.timezone)).date()
        last, whole = _last_due(today), today - timedelta(days=max(self.keep_days, LEAST_KEPT_DAYS))
        async with self.sessions() as session:
            first = await session.scalar(select(func.min(Episode.day)).where(Episode.drill.is_(False)))
            newest = await session.scalar(select(func.max(FigureMonth.month)))
        month = max((one for one in (first, newest and month_of(newest).end) if one), default=last.end).replace(day=1)
        if newest is None and month < whole:
            month = month_of(whole - timedelta(days=1)).end
        while month <= last.start:
            since = first if first and first > month else None
            made = await self._make(month_of(month), since, now)
            async with self.sessions.begin() as session:
                row = {"month": month, "figures": made.to_data()}
                await session.execute(insert(FigureMonth).values(**row).on_conflict_do_nothing())
            month = month_of(month).end

    async def _make(self, period: Period, since: date | None, now: datetime) -> Month:
        counting = Counting(self.sessions)
        public = [id for id, one in definitions().items() if one.public]
        figures = public_figures((await counting.figures(public, period, now)).get("", {}))
        by_channel = await counting.figures((TOTAL, DURABLE), period, now, by="channel")
        by_theme = await counting.figures((TOTAL,), period, now, by="theme")
        by_segment = await Grouping(self.sessions).segments(self.segments, period, now)
        channels = _parts({key: one[TOTAL] for key, one in by_channel.items()})
        if channels.get(Channel.WHATSAPP, HIDDEN).is_hidden:  # its messages would reveal facts about few people
            figures |= {id: HIDDEN for id in of_table(Table.WINDOWS) if id in figures}
        return Month(
            month=period.start,
            since=since,
            figures=figures,
            channels=channels,
            durable=_shares({key: one[DURABLE] for key, one in by_channel.items()}),
            themes=_parts({key: one[TOTAL] for key, one in by_theme.items()}),
            segments={
                segment: _parts({value: one[TOTAL] for value, one in parts.items()})
                for segment, parts in by_segment.items()
            },
        )


def _to_pairs(part: Mapping[str, Published]) -> dict[str, list[float | None]]:
    return {key: [one.value, one.among] for key, one in part.items()}


def _from_pairs(pairs: Mapping[str, Sequence[Any]]) -> dict[str, Published]:
    return {key: Published(*pair) for key, pair in pairs.items()}


def _is_share(id: str) -> bool:
    known = definitions().get(id)
    return known is not None and known.is_share


def _place(id: str, order: Sequence[str]) -> int:
    return order.index(id) if id in order else len(order)


def _last_due(today: date) -> Period:
    """Returns the newest month that is due for publication."""
    previous = month_of(today.replace(day=1) - timedelta(days=1))
    return previous if today.day >= PUBLISHED_ON else month_of(previous.start - timedelta(days=1))


def public_figures(numbers: Numbers) -> dict[str, Published]:
    """Returns the figures; those that would reveal small counts are hidden."""
    defined = definitions()
    endings = {id: int(numbers[id].value or 0) for id in numbers if defined[id].suppression is Suppression.ENDINGS}
    secret = hidden(endings)
    shown = {id: _figure(defined[id], one, secret=id in secret) for id, one in numbers.items()}
    wrong = numbers.get(WRONG)
    if wrong and is_small(wrong.among - (wrong.value or 0)) and not is_small(wrong.value or 0):
        shown[RATED] = HIDDEN  # so that a hidden number of wrong answers among known ones is always small
    return shown


def _figure(definition: Definition, one: Counted, *, secret: bool) -> Published:
    value = one.value
    if definition.is_share:
        return _share(one, secret=secret)
    if definition.measure in {Measure.SUM, Measure.PEOPLE}:
        return HIDDEN if is_small(value or 0) else Published(value or 0, None)
    return HIDDEN if value is None or is_small(one.among) else Published(round(value, 2), None)


def _share(one: Counted, *, secret: bool = False) -> Published:
    value = one.value or 0
    return HIDDEN if secret or not one.among or is_revealing(value, one.among) else Published(value, one.among)


def _parts(counted: Mapping[str, Counted]) -> dict[str, Published]:
    counts = {key: int(one.value or 0) for key, one in counted.items()}
    secret = hidden(counts)
    return {key: HIDDEN if key in secret else Published(count, None) for key, count in counts.items()}


def _shares(counted: Mapping[str, Counted]) -> dict[str, Published]:
    """Returns the shares keyed by channel.

    If one share must be hidden, all are hidden, since the total share would reveal the hidden one.
    """
    shares = {key: _share(one) for key, one in counted.items()}
    return dict.fromkeys(shares, HIDDEN) if any(one.is_hidden for one in shares.values()) else shares


HIDDEN = Published(None, None)


@dataclass(frozen=True)
class Pooled:
    """A share over several months: ``least`` to ``most`` of ``among`` cases; both are equal if no count is hidden."""

    least: float
    most: float
    among: int


def pooled(months: Sequence[Month]) -> Pooled:
    """Returns the share of wrong answers (WRONG) over several months.

    If a month hides the number of wrong answers but publishes how many answers were rated, the hidden number is below
    SMALLEST (``public_figures``). Without such months the share would be too high, since theirs is low. Months that
    publish neither number are left out.
    """
    least, most, among = 0.0, 0.0, 0
    for figures in (one.figures for one in months):
        wrong, rated = figures.get(WRONG, HIDDEN), _rated(figures)
        if wrong.value is not None:
            least, most, among = least + wrong.value, most + wrong.value, among + (wrong.among or 0)
        elif rated >= SMALLEST:
            least, most, among = least + 1, most + SMALLEST - 1, among + rated
    return Pooled(least, most, among)


def _rated(figures: Mapping[str, Published]) -> int:
    """Returns how many answers people rated; 0 if that is not published."""
    rated, right = figures.get(RATED, HIDDEN), figures.get(RIGHT, HIDDEN)
    if rated.value is not None:
        return int(rated.value)
    return (right.among or 0) if (right.value or 0) >= SMALLEST else 0
