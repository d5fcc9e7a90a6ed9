"""Fills the tables of episodes and of reply windows from the record; filling it again changes nothing.

A conversation is read completely once the time SETTLED has passed since its newest event, because recorders may write
out of order; then its episodes are replaced. Several workers may run this task; a lock admits one at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.agency.figure_settings import FigureSegment
from bot.core.disk import always
from bot.core.logs import log
from bot.figures.daily.rollup import Rollups
from bot.figures.facts.episodes import episodes_of
from bot.figures.facts.reading import talks_of
from bot.figures.facts.talks import Talk
from bot.figures.facts.window_days import window_days_of
from bot.figures.segments import segments_of
from bot.record.engine import Sessions
from bot.record.locks import Lock, take, try_to_take
from bot.record.tables import Conversation, Episode, EpisodeMark, WindowDay

EVERY_S = 60.0
BATCH = 200  # conversations in one transaction
SETTLED = timedelta(minutes=2)
BEGINNING = datetime.fromtimestamp(0, UTC)  # the year 1 cannot be read west of UTC
TopicOf = Callable[[str], str]


@dataclass(frozen=True)
class Filling:
    """A task that fills the tables of episodes and of reply windows of one agency.

    ``topic_of`` maps an entry's id to its topic, '' if it is not published. ``segments`` are those of the agency.
    """

    sessions: Sessions
    timezone: str
    topic_of: TopicOf
    segments: Sequence[FigureSegment] = ()
    has_room: Callable[[], bool] = always

    async def run(self) -> None:
        """Fills the episodes and their daily sums, every EVERY_S seconds until cancelled, while the disk has room.

        Logs errors and continues in the next round.
        """
        while True:
            try:
                if self.has_room():
                    await self.fill(datetime.now(UTC) - SETTLED)
                    await Rollups(self.sessions, [one.key for one in self.segments]).roll(datetime.now(UTC))
            except (SQLAlchemyError, OSError) as error:
                log.warning("figures: episodes not updated", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def rebuild(self) -> int:
        """Replaces the episodes of all conversations in the record and returns the number of conversations.

        Conversations with an event within SETTLED follow in a later round, blocked ones when they are unblocked. The
        episodes of deleted conversations do not change. Raises SQLAlchemyError.
        """
        async with self.sessions.begin() as session:
            await session.execute(update(EpisodeMark).values(read_up_to=BEGINNING))
        return await self.fill(datetime.now(UTC) - SETTLED, waits=True)

    async def fill(self, until: datetime, *, waits: bool = False) -> int:
        """Replaces the episodes of conversations with unread events whose newest event is not after ``until``.

        Returns the number of these conversations. If another process is filling, waits for it if ``waits``, else leaves
        the rest to it. Raises SQLAlchemyError.
        """
        done = 0
        while count := await self._fill_some(until, waits=waits):
            done += count
        return done

    async def _fill_some(self, until: datetime, *, waits: bool) -> int:
        async with self.sessions.begin() as session:
            if waits:
                await take(session, Lock.EPISODES)
            elif not await try_to_take(session, Lock.EPISODES):
                return 0
            unread = await self._unread(session, until)
            if unread:
                await self._replace(session, await talks_of(session, list(unread)))
                marks = [{"conversation_id": name, "read_up_to": at} for name, at in unread.items()]
                statement = upsert(EpisodeMark).values(marks)
                newer = {"read_up_to": statement.excluded.read_up_to}
                await session.execute(statement.on_conflict_do_update(index_elements=["conversation_id"], set_=newer))
            return len(unread)

    async def _unread(self, session: AsyncSession, until: datetime) -> dict[str, datetime]:
        """Returns at most BATCH unread conversations, oldest first, with the times of their newest events.

        Leaves out blocked conversations, which are read when they are unblocked; their earlier episodes still count.
        """
        is_read = EpisodeMark.read_up_to >= Conversation.last_at
        query = (
            select(Conversation.id, Conversation.last_at)
            .outerjoin(EpisodeMark, EpisodeMark.conversation_id == Conversation.id)
            .where(is_read.is_not(True), Conversation.last_at <= until, Conversation.blocked_at.is_(None))
            .order_by(Conversation.last_at)
            .limit(BATCH)
        )
        return {name: at for name, at in (await session.execute(query)).all()}

    async def _replace(self, session: AsyncSession, talks: Sequence[Talk]) -> None:
        found = [self._rows_or_none(talk) for talk in talks]
        rows, days = [row for own, _ in found for row in own], [day for _, own in found for day in own]
        for table, made in ((Episode, rows), (WindowDay, days)):
            await _replace_changed(session, table, [talk.id for talk in talks], made)

    def _rows_or_none(self, talk: Talk) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Returns the rows of a conversation's episodes and days.

        Logs and returns ([], []) if an event is invalid or from a later release.
        """
        try:
            return self._rows_of(talk), [vars(day) for day in window_days_of(talk, self.timezone)]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            log.error("figures: conversation skipped", conversation=talk.id, error=type(error).__name__)
            return [], []

    def _rows_of(self, talk: Talk) -> list[dict[str, Any]]:
        """Returns the rows of a conversation's episodes, with local day and hour, topic and segments."""
        zone, months = ZoneInfo(self.timezone), set[tuple[int, int]]()
        rows: list[dict[str, Any]] = []
        for row in episodes_of(talk):
            start: datetime = row["started_at"].astimezone(zone)
            month = (start.year, start.month)
            topics = [topic for entry in row.pop("about") if (topic := self.topic_of(entry))]
            local = {"day": start.date(), "hour": start.hour, "first_of_month": month not in months}
            known_segments = segments_of(self.segments, talk.known, is_first=not rows)
            rows.append(row | local | {"theme": topics[0] if topics else "", "segments": known_segments})
            months.add(month)
        return rows


async def _replace_changed(
    session: AsyncSession, table: type[Episode | WindowDay], names: Sequence[str], made: Sequence[dict[str, Any]]
) -> None:
    """Replaces the rows of the conversations ``names`` by ``made``, without touching those that stay the same.

    So the sums of a day stay valid unless one of its episodes did change.
    """
    kept = (await session.execute(select(table.__table__).where(table.conversation_id.in_(names)))).mappings().all()
    new = list(made)
    gone = []
    for old in kept:
        same = next((row for row in new if _is_same(row, old)), None)
        if same is None:
            gone.append(old["id"])
        else:
            new.remove(same)
    if gone:
        await session.execute(delete(table).where(table.conversation_id.in_(names), table.id.in_(gone)))
    if new:
        await session.execute(insert(table), new)


def _is_same(row: Mapping[str, Any], old: Mapping[Any, Any]) -> bool:
    """Returns whether ``old``, a row of the table, equals ``row``; the table has probabilities in single precision."""
    if (row["conversation_id"], row.get("started_at")) != (old["conversation_id"], old.get("started_at")):
        return False
    exact = {name: value for name, value in row.items() if name != "probabilities"}
    sure = [np.float32(one) for one in row.get("probabilities", ())]
    return all(old[name] == value for name, value in exact.items()) and sure == list(
        map(np.float32, old.get("probabilities", ()))
    )
