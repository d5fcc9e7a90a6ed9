"""Writes answers that can be drawn into a sample, and judged weeks of samples."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from bot.record.engine import Sessions
from bot.record.tables import Conversation, Message
from bot.record.tables.sampling import SampledAnswer, SampleWeek

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


async def answered(
    sessions: Sessions, name: str, words: str, at: datetime, *, asked: dict[str, Any] | None = None, **data: Any
) -> None:
    """Writes a conversation with one message and its answer."""
    proof = {"provenance": {"entry": "bache", "version": "v1", "question": "¿Bache?", "confidence": 0.95}}
    lines = [(at, "citizen", words, asked or {}), (at + MINUTE, "assistant", "Llama al 600 123 4567.", proof | data)]
    async with sessions.begin() as session:
        times = {"started_at": at, "last_at": at + MINUTE}
        await session.execute(insert(Conversation).values(id=name, channel="web", **times))
        for number, (when, author, text, facts) in enumerate(lines):
            row = {"conversation_id": name, "event_id": f"{number}-0", "at": when, "author": author, "text": text}
            await session.execute(insert(Message).values(**row, data=facts))


async def weeks_of(sessions: Sessions, count: int, *, bad: int, of: int = 30, newest: date | None = None) -> None:
    """Writes ``count`` judged weeks, each with ``bad`` wrong answers among ``of``."""
    newest = newest or date(2026, 11, 16)
    rows = [
        {"week": newest - number * 7 * DAY, "entry": "bache", "probability": 0.9, "stratum": "sure-usual"}
        | {"chance": 0.1, "verdict": "bad" if place < bad else "good", "judged_at": MONDAY}
        for number in range(count)
        for place in range(of)
    ]
    async with sessions.begin() as session:
        weeks = [{"week": newest - number * 7 * DAY, "strata": {}} for number in range(count)]
        await session.execute(insert(SampleWeek), weeks)
        await session.execute(insert(SampledAnswer), rows)
