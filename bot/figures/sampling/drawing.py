"""Draws a random sample of last week's answers once the week is over.

Deletes the texts when their retention period ends.

Leaves out answers to buttons and to messages without text, answers with an emergency number, conversations with an
emergency, blocked conversations, drills, and the team's trials of a channel.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random, SystemRandom
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, or_, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.disk import always
from bot.core.logs import log
from bot.core.messages import Author
from bot.figures.sampling.strata import Drawn, Given, draw, strata_of
from bot.record.engine import Sessions
from bot.record.locks import Lock, try_to_take
from bot.record.log_order import log_order
from bot.record.tables import Message, SampledAnswer, SampleWeek
from bot.record.transcripts.rows import read
from bot.text.masking.masking import masked

EVERY_S = 900.0
SETTLED = timedelta(hours=1)  # the record lags a moment behind Redis
JUDGED_TERM = timedelta(days=14)  # how long texts are kept after they were judged
OPEN_TERM = timedelta(days=35)  # how long unjudged texts are kept after their week began
ASKED_WITHIN = timedelta(minutes=30)
MOST_ASKED = 3  # messages that are shown as the question
ANSWERS = text("""
    SELECT answer.id, answer.data -> 'provenance' ->> 'entry', (answer.data -> 'provenance' ->> 'confidence')::float
    FROM messages AS answer
    CROSS JOIN LATERAL (
        SELECT asked.data ->> 'button' AS button, asked.text AS words FROM messages AS asked
        WHERE asked.conversation_id = answer.conversation_id AND asked.author = 'citizen' AND asked.at <= answer.at
        ORDER BY asked.at DESC, asked.id DESC LIMIT 1
    ) AS question
    WHERE answer.author = 'assistant' AND answer.at >= :start AND answer.at < :end
        AND answer.data ? 'provenance' AND NOT answer.data ? 'danger' AND NOT answer.data ? 'drill'
        AND coalesce(question.button, '') = '' AND question.words <> ''
        AND NOT EXISTS (
            SELECT 1 FROM tickets
            WHERE tickets.conversation_id = answer.conversation_id AND tickets.priority = 'emergency'
        )
        AND NOT EXISTS (
            SELECT 1 FROM messages AS admitted
            WHERE admitted.conversation_id = answer.conversation_id AND admitted.data ? 'trial'
                AND admitted.at <= answer.at
        )
        AND NOT EXISTS (SELECT 1 FROM conversations WHERE id = answer.conversation_id AND blocked_at IS NOT NULL)
    ORDER BY answer.id
""")


async def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Sampling:
    """Draws an agency's weekly samples in its ``timezone``; calls ``then`` after each round."""

    sessions: Sessions
    timezone: str
    then: Callable[[], Awaitable[None]] = _nothing
    dice: Random = field(default_factory=SystemRandom)
    has_room: Callable[[], bool] = always

    async def run(self) -> None:
        """Deletes old texts and, while the disk has room, draws due samples, every EVERY_S seconds until cancelled.

        Logs errors.
        """
        while True:
            try:
                if self.has_room():
                    await self.draw_due(datetime.now(UTC))
                await self.forget(datetime.now(UTC))
                await self.then()
            except (SQLAlchemyError, OSError) as error:
                log.warning("figures: sample not drawn", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def draw_due(self, now: datetime) -> int:
        """Draws and stores last week's sample; returns the number of drawn answers.

        Returns 0 if the sample was drawn before or another process is drawing it. Raises SQLAlchemyError.
        """
        today = (now - SETTLED).astimezone(ZoneInfo(self.timezone)).date()
        week = today - timedelta(days=today.weekday() + 7)
        async with self.sessions.begin() as session:
            is_drawn = select(SampleWeek.week).where(SampleWeek.week == week)
            if not await try_to_take(session, Lock.SAMPLES) or await session.scalar(is_drawn):
                return 0
            given = [Given(*row) for row in await session.execute(ANSWERS, self._bounds(week))]
            drawn = draw(given, self.dice)
            counts = {name: [len(group), 0] for name, group in strata_of(given).items()}
            for one in drawn:
                counts[one.stratum][1] += 1
            session.add(SampleWeek(week=week, strata=counts))
            await session.flush()
            if rows := [await _row(session, week, one) for one in drawn]:
                await session.execute(insert(SampledAnswer), rows)
        log.info("figures: sample drawn", week=week.isoformat(), answers=len(given), drawn=len(drawn))
        return len(drawn)

    async def forget(self, now: datetime) -> None:
        """Deletes texts whose retention period has ended or whose conversation was deleted. Raises SQLAlchemyError."""
        today = now.astimezone(ZoneInfo(self.timezone)).date()
        over = or_(
            SampledAnswer.judged_at < now - JUDGED_TERM,
            SampledAnswer.week < today - OPEN_TERM,
            SampledAnswer.conversation_id.is_(None),
        )
        kept = SampledAnswer.question.is_not(None)
        async with self.sessions.begin() as session:
            await session.execute(update(SampledAnswer).where(kept, over).values(question=None, answer=None))

    def _bounds(self, week: date) -> dict[str, datetime]:
        zone = ZoneInfo(self.timezone)
        days = {"start": week, "end": week + timedelta(days=7)}
        return {name: datetime.combine(day, time(), zone) for name, day in days.items()}


async def _row(session: AsyncSession, week: date, drawn: Drawn) -> dict[str, Any]:
    (answer,) = await read(session, select(Message).where(Message.id == drawn.given.message))
    return {
        "week": week,
        "conversation_id": answer.conversation_id,
        "entry": drawn.given.entry,
        "probability": drawn.given.probability,
        "stratum": drawn.stratum,
        "chance": drawn.chance,
        "question": masked("\n".join(await _question(session, answer))),
        "answer": answer.text,
    }


async def _question(session: AsyncSession, answer: Message) -> Sequence[str]:
    """Returns the citizen's last texts before the answer, oldest first: at most MOST_ASKED, within ASKED_WITHIN."""
    query = (
        select(Message)
        .where(Message.conversation_id == answer.conversation_id, Message.author == Author.CITIZEN)
        .where(Message.at.between(answer.at - ASKED_WITHIN, answer.at), func.length(Message.text) > 0)
        .order_by(log_order().desc())
        .limit(MOST_ASKED)
    )
    return [text for one in await read(session, query) if (text := one.text)][::-1]
