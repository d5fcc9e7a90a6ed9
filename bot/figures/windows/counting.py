"""Counts the figures about reply windows from the table ``window_days``."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.figures.daily.rollup import Kind
from bot.figures.daily.snapshot import alone, both, columns, numbers, snapshot
from bot.figures.definitions import Table, definitions, of_table
from bot.figures.results import Counted, Listed, Period
from bot.figures.segments import Selection
from bot.record.engine import Sessions
from bot.record.tables import WindowStart

BY = ("", "channel")  # columns by which these figures can be grouped
WITHIN = "day >= :start AND day < :end"
DAYS = "day = ANY(:days)"
SENT = ("recibidos_whatsapp", "enviados_whatsapp", "plantillas_whatsapp")  # the figures of DaySent, in its order


class DaySent(NamedTuple):
    """The messages of one day: received, sent within reply windows, and sent as templates outside them."""

    day: date
    received: int
    inside: int
    templates: int

    @property
    def messages(self) -> int:
        return self.received + self.inside + self.templates


async def window_figures(
    session: AsyncSession, ids: Collection[str], period: Period, only: Selection, *, by: str = ""
) -> dict[str, dict[str, Counted]]:
    """Counts those of the figures ``ids`` that are about reply windows, for each value of the column ``by``.

    Returns {} if there are no rows, if ``only`` selects a part of a segment, if a day of the period was not counted, or
    if ``by`` is not in BY. Raises SQLAlchemyError.
    """
    chosen = [id for id in of_table(Table.WINDOWS) if id in ids]
    if not chosen or only.part or by not in BY or not await _is_complete(session, period):
        return {}
    columns = ", ".join(f"{definitions()[id].numerator}, {definitions()[id].denominator}" for id in chosen)
    group = by or "''::text"
    query = f"SELECT {group}, {columns} FROM window_days WHERE {WITHIN}{only.condition} GROUP BY 1"  # noqa: S608
    rows = await session.execute(text(query), _facts(period, only))
    return {
        key: {
            id: Counted(float(value), int(among))
            for id, value, among in zip(chosen, numbers[::2], numbers[1::2], strict=True)
        }
        for key, *numbers in rows
    }


async def windows_compared(
    sessions: Sessions, period: Period, only: Selection
) -> tuple[dict[str, Counted], dict[str, Counted]]:
    """Returns the figures about reply windows of the period and of the previous one.

    Each is {} if there are no rows, if ``only`` selects a part of a segment, or if a day of that period was not
    counted. Raises SQLAlchemyError.
    """
    chosen = of_table(Table.WINDOWS)
    if only.part:
        return {}, {}
    async with snapshot(sessions, both(period, only)) as taken:
        complete = {True: await _is_complete(taken.session, period)}
        complete[False] = await _is_complete(taken.session, period.before)
        query = f"SELECT day >= :middle, {columns(chosen)} FROM window_days WHERE {DAYS}{only.condition} GROUP BY 1"  # noqa: S608
        rows, sums = await taken.rows(query), await taken.sums((Kind.WINDOW,))
    found: dict[bool, dict[str, Counted]] = {True: {}, False: {}}
    fresh_sums = [
        (is_now, id, one.value or 0, one.among) for is_now, *some in rows for id, one in numbers(chosen, some).items()
    ]
    for is_now, id, value, among in [*fresh_sums, *((one.is_now, one.key, one.first, one.second) for one in sums)]:
        old = found[is_now].get(id, Counted(0.0, 0))
        found[is_now][id] = Counted((old.value or 0) + value, old.among + among)
    now, before = ({id: found[is_now][id] for id in found[is_now] if complete[is_now]} for is_now in (True, False))
    return now, before


async def sent_by_day(sessions: Sessions, period: Period, only: Selection) -> list[DaySent]:
    """Returns how many messages were received and sent on each day that has any, oldest first.

    Returns [] if ``only`` selects a part of a segment, or if a day of the period was not counted. Raises
    SQLAlchemyError.
    """
    if only.part:
        return []
    amounts = ", ".join(f"sum({definitions()[id].amount})::bigint" for id in SENT)
    async with snapshot(sessions, alone(period, only)) as taken:
        if not await _is_complete(taken.session, period):
            return []
        rows = await taken.rows(f"SELECT day, {amounts} FROM window_days WHERE {DAYS}{only.condition} GROUP BY 1")  # noqa: S608
        sums = await taken.numerators_by_day(Kind.WINDOW, SENT)
    summed = [DaySent(day, *(sums[day, id] for id in SENT)) for day in {day for day, _ in sums}]
    return sorted([*summed, *(DaySent(*row) for row in rows)])


async def windows_listed(session: AsyncSession, id: str, period: Period, only: Selection, most: int) -> list[Listed]:
    """Returns the newest days of conversations that the figure ``id`` counts, at most ``most``, newest first.

    Each item is one conversation on one day. Returns [] if ``only`` selects a part of a segment. Raises
    SQLAlchemyError.
    """
    if only.part:
        return []
    query = (
        "SELECT conversation_id, at, channel, NULL, '', '' FROM window_days "  # noqa: S608
        f"WHERE {WITHIN}{only.condition} AND ({definitions()[id].where}) ORDER BY at DESC LIMIT :most"
    )
    return [Listed(*row) for row in await session.execute(text(query), _facts(period, only) | {"most": most})]


async def _is_complete(session: AsyncSession, period: Period) -> bool:
    """Returns whether every day of the period is counted."""
    start = await session.scalar(select(WindowStart.day))
    return start is None or start <= period.start


def _facts(period: Period, only: Selection) -> dict[str, object]:
    return {"start": period.start, "end": period.end} | only.values
