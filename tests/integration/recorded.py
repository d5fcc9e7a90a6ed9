"""Writes rows of the record: conversations with messages, tickets and staff."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from bot.record.engine import Sessions
from bot.record.tables import Conversation, Message, Rating, Staff, Ticket
from bot.record.transcripts.rows import encrypt_row
from bot.record.transcripts.terms import message_terms

NOW = datetime.now(UTC)


async def conversation(sessions: Sessions, name: str, *lines: tuple[str, str], channel: str = "web") -> None:
    """Writes a conversation of ``lines`` (author, text), a minute apart, the last a minute before NOW."""
    async with sessions.begin() as session:
        row = {"id": name, "channel": channel, "started_at": NOW - timedelta(days=3), "last_at": NOW}
        await session.execute(insert(Conversation).values(**row))
        for number, (author, words) in enumerate(lines):
            at = NOW - timedelta(minutes=len(lines) - number)
            said = {"conversation_id": name, "event_id": f"{number}-0", "at": at, "author": author, "text": words}
            said |= {"data": {}, "terms": await message_terms(session, author, words)}
            await session.execute(insert(Message).values(**await encrypt_row(session, Message, name, said)))


async def ticket(sessions: Sessions, name: str, of: str, **more: Any) -> None:
    """Writes a closed ticket of ``atencion``, opened ten minutes ago; ``more`` changes its columns."""
    row = {"id": name, "conversation_id": of, "reason": "complaint", "priority": "high", "candidates": []}
    row |= {"opened_at": NOW - timedelta(minutes=10), "changed_at": NOW, "team": "atencion", "state": "closed"}
    async with sessions.begin() as session:
        await session.execute(insert(Ticket).values(**await encrypt_row(session, Ticket, of, row | more)))


async def person(sessions: Sessions, number: int, name: str, **more: Any) -> UUID:
    """Writes an account without a known password."""
    row = {"id": UUID(int=number), "email": f"p{number}@x.cl", "name": name, "password_hash": "x", "roles": ["agent"]}
    async with sessions.begin() as session:
        session.add(Staff(**row | more))
    return UUID(int=number)


async def judged(sessions: Sessions, ticket_id: str, of: str, score: int, ago: timedelta = timedelta()) -> None:
    """Writes a rating that was given ``ago`` before NOW."""
    row = {"ticket_id": ticket_id, "conversation_id": of, "at": NOW - ago, "score": score, "words": ""}
    async with sessions.begin() as session:
        await session.execute(insert(Rating).values(**row))
