"""Reads the notices that run now or later from PostgreSQL, which is authoritative."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.public_notices.measures import Measure
from bot.public_notices.notice import NoticeSet, PublicNotice, Severity
from bot.record.engine import Sessions
from bot.record.tables import Notice

RUNNING = "running"


async def recorded_set(sessions: Sessions) -> NoticeSet:
    """Returns the published notices that have not ended. Raises SQLAlchemyError."""
    async with sessions() as session:
        return await set_in(session)


async def set_in(session: AsyncSession) -> NoticeSet:
    query = select(Notice).where(Notice.state == RUNNING, Notice.ends_at > func.now())
    return NoticeSet.of(public(row) for row in await session.scalars(query))


def public(row: Notice) -> PublicNotice:
    """Converts a published row into the notice that processes show. Raises ValueError if the row is not published."""
    published, ends = row.published_at, row.ends_at
    if published is None or ends is None:
        raise ValueError("the notice is not published")
    signed_at = int(published.timestamp() * 1000)
    return PublicNotice(
        id=f"{row.number}.{row.revision}",
        text=row.text,
        severity=Severity(row.severity),
        signed=row.signed,
        signed_at=signed_at,
        starts_at=int((row.starts_at or published).timestamp() * 1000),
        ends_at=int(ends.timestamp() * 1000),
        sectors=tuple(row.sectors),
        utterances=tuple(row.utterances),
        entries=tuple(row.entries),
        drill=row.drill,
        measures=tuple(one for one in measures_in(row) if one.key not in row.lifted),
    )


def measures_in(row: Notice) -> tuple[Measure, ...]:
    """Returns all measures of a notice, including those that were lifted since its publication."""
    return tuple(Measure.from_data(one) for one in row.measures)
