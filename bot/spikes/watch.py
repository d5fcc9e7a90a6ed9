"""Checks each minute whether more citizens write than usual, and raises an alarm; a task of the worker.

Several workers may run it: all count the same, and an alarm is stored once. The usual numbers and the threshold are
learned again at the start of each day.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from redis.exceptions import RedisError
from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.disk import always
from bot.core.logs import log
from bot.core.progress import Beat, no_beat
from bot.record.engine import Sessions
from bot.record.locks import Lock, take
from bot.record.tables import Message, Spike, SpikeMinute, SpikeQuestion
from bot.spikes.alarms import KEPT, NOTICED, note
from bot.spikes.counting import TopicOf, count
from bot.spikes.detector import Surprise
from bot.spikes.group_watch import GroupWatch, NewGroup, named
from bot.spikes.groups import LONGEST_MIN
from bot.spikes.history import DAYS, History
from bot.spikes.notifier import Notify
from bot.spikes.questions import KEPT as QUESTIONS_KEPT
from bot.spikes.questions import keep_questions
from bot.spikes.replay import Rules, learn

LOOK_AFTER_S = 4.0  # seconds after the minute, so that recorders can write it
AGAIN = timedelta(minutes=5)  # recounted period, since a recorder may be late
SCORED = 2  # number of newest minutes that are scored
DAY = timedelta(days=1)


class SpikeWatch:
    """Watches one installation; ``notify`` sends the alarms to the recipients that have not got them.

    ``topic_of`` maps an entry's id to its topic, and at most one false alarm is expected in ``false_every_days`` days.
    """

    def __init__(
        self,
        sessions: Sessions,
        groups: GroupWatch,
        *,
        timezone: str,
        topic_of: TopicOf,
        false_every_days: float,
        notify: Notify,
        has_room: Callable[[], bool] = always,
    ) -> None:
        self._has_room = has_room
        self._groups = groups
        self._sessions, self._zone, self._topic_of, self._notify = sessions, ZoneInfo(timezone), topic_of, notify
        self._false_every_days = false_every_days
        self._history = History(date.min)
        self._rules: Rules | None = None
        self._read_to: datetime | None = None
        self._kept_to: datetime | None = None  # up to where unanswered questions were kept

    async def run(self, beat: Beat = no_beat) -> None:
        """Calls ``look`` each minute until cancelled, while the disk has room; logs errors and continues."""
        while True:
            beat()
            try:
                if self._has_room():
                    await self.look(datetime.now(UTC), beat)
            except (RedisError, SQLAlchemyError, OSError) as error:
                log.warning("spikes: store unavailable, retrying", error=type(error).__name__)
            except Exception:
                log.exception("spikes: failed")
            await asyncio.sleep(60 - (datetime.now(UTC).timestamp() - LOOK_AFTER_S) % 60)

    async def look(self, now: datetime, beat: Beat = no_beat) -> None:
        """Counts up to the last full minute, raises an alarm if the newest numbers are unusual, and sends alarms.

        Calls ``beat`` after each alarm that it sends. Raises SQLAlchemyError.
        """
        end = now.replace(second=0, microsecond=0)
        await self._count(end)
        await self._read(end)
        if self._rules is not None:
            at = self._history.index(end, self._zone)
            found = self._rules.surprises(self._history, at - SCORED, at)
            groups = await self._groups.found(self._rules, self._history, end)
            if found or groups:
                await self._note([(self._history.streams[one.stream], one) for one in found], groups, end)
        await self._notify(beat)

    async def _count(self, end: datetime) -> None:
        """Counts the new minutes, and recounts those of the time AGAIN before them; one day per transaction.

        Then does the same with the unanswered questions.
        """
        async with self._sessions() as session:
            first = await session.scalar(select(func.min(Message.at)))
            counted = await session.scalar(select(func.max(SpikeMinute.minute))) or first
            kept = self._kept_to or await session.scalar(select(func.max(SpikeQuestion.at))) or first
        for begin, end_of in _days(counted, end, DAYS * DAY):
            async with self._sessions.begin() as session:
                await take(session, Lock.SPIKES)
                await count(session, begin, end_of, self._topic_of)
        for begin, end_of in _days(kept, end, QUESTIONS_KEPT):
            async with self._sessions.begin() as session:
                await take(session, Lock.SPIKES)
                await keep_questions(session, begin, end_of)
        self._kept_to = end

    async def _read(self, end: datetime) -> None:
        """Reads the newest counts; at the start of a day, reads all counts and learns the day's rules."""
        today = end.astimezone(self._zone).date()
        first = today - timedelta(days=DAYS - 1)
        if self._history.first == first:
            since = (self._read_to or end) - AGAIN
            async with self._sessions() as session:
                self._history.put(await _rows(session, since), self._zone)
        else:
            await self._begin_day(first, end)
        self._read_to = end

    async def _begin_day(self, first: date, end: datetime) -> None:
        history = History(first)
        async with self._sessions.begin() as session:
            await session.execute(delete(SpikeMinute).where(SpikeMinute.minute < end - (DAYS + 2) * DAY))
            await session.execute(delete(Spike).where(Spike.last_at < end - KEPT))
            history.put(await _rows(session, datetime.combine(first, time(), self._zone)), self._zone)
            groups = await self._groups.begin_day(session, history, end)
            right = (await session.execute(select(Spike.since, Spike.last_at).where(Spike.state == NOTICED))).all()
        real = [
            range(history.index(since, self._zone) - LONGEST_MIN, history.index(last_at, self._zone) + LONGEST_MIN)
            for since, last_at in right
        ]
        self._rules = await asyncio.to_thread(learn, history, DAYS - 1, self._false_every_days, real, groups)
        self._history = history
        known = len(history.streams)
        log.info("spikes: learnt", streams=known, threshold=self._rules.threshold if self._rules else None)

    async def _note(self, found: list[tuple[str, Surprise]], groups: list[NewGroup], end: datetime) -> None:
        every = [*named(groups), *found]
        async with self._sessions.begin() as session:
            await take(session, Lock.SPIKES)
            spike = await note(session, every, end)
            if spike is None:
                return
            await session.flush()
            await self._groups.mark(session, groups, spike)
            if spike.at == end:
                log.info("spikes: alarm raised", streams=[stream for stream, _ in every])


def _days(newest: datetime | None, end: datetime, most: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """Yields the start and end of each day to count, from AGAIN before ``newest``, at most ``most`` before ``end``."""
    if newest is None:
        return
    start = max(newest.replace(second=0, microsecond=0) - AGAIN, end - most)
    while start < end:
        yield start, min(start + DAY, end)
        start += DAY


async def _rows(session: AsyncSession, since: datetime) -> list[tuple[datetime, str, int]]:
    query = select(SpikeMinute.minute, SpikeMinute.stream, SpikeMinute.citizens).where(SpikeMinute.minute >= since)
    return [(minute, stream, citizens) for minute, stream, citizens in (await session.execute(query)).all()]
