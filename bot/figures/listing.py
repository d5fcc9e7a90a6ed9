"""Lists the episodes that a figure counts, and finds when an episode ended.

For a figure about reply windows, lists the days of each conversation instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, text

from bot.figures.daily.snapshot import PLANNING
from bot.figures.definitions import Table, definitions
from bot.figures.results import Listed, Period
from bot.figures.segments import ALL, EVERYTHING, Selection, Slice
from bot.figures.windows.counting import windows_listed
from bot.record.engine import Sessions
from bot.record.tables import Episode

MOST_LISTED = 100
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Listing:
    """Lists what an agency's figures count, without drills: episodes, or the days of each conversation."""

    sessions: Sessions

    async def of(
        self, id: str, period: Period, now: datetime, *, only: Selection = EVERYTHING, among: Slice = ALL
    ) -> list[Listed]:
        """Returns the newest episodes that the figure ``id`` counts within ``only`` and ``among``, at most MOST_LISTED.

        A figure about reply windows counts days, not episodes: the result then has an item per conversation and day,
        and is [] if ``only`` selects a part of a segment or ``among`` a row. Raises SQLAlchemyError.
        """
        async with self.sessions() as session:
            await session.execute(PLANNING)
            if definitions()[id].table is Table.WINDOWS:
                return [] if among.dimension else await windows_listed(session, id, period, only, MOST_LISTED)
            query = (
                "SELECT conversation_id, started_at, channel, theme, reason, team FROM episodes "  # noqa: S608
                f"WHERE day >= :start AND day < :end AND NOT drill{only.condition}{among.condition} "
                f"AND ({definitions()[id].where}) ORDER BY started_at DESC LIMIT :most"
            )
            facts = {"start": period.start, "end": period.end, "most": MOST_LISTED, "now": now, "slice": among.value}
            needed = {name: value for name, value in (facts | only.values).items() if f":{name}" in query}
            return [Listed(*row) for row in (await session.execute(text(query), needed)).all()]

    async def ends(self, conversation: str, started_at: datetime) -> datetime | None:
        """Returns when the episode ends that began within the millisecond from ``started_at``; None if there is none.

        Raises SQLAlchemyError.
        """
        begun = (Episode.started_at >= started_at) & (Episode.started_at < started_at + MILLISECOND)
        query = select(Episode.ended_at).where(Episode.conversation_id == conversation, begun)
        async with self.sessions() as session:
            return await session.scalar(query)
