"""Records conversations and searches them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import insert

from bot.record.tables import Conversation, Message, Ticket
from tests.desk_world import DeskWorld

NOW = datetime.now(UTC)


async def recorded(world: DeskWorld, conversation: str, *lines: tuple[str, str], team: str = "", **ticket: Any) -> None:
    """Records a conversation, with a closed ticket if ``team`` is given."""
    async with world.sessions.begin() as session:
        row = {"id": conversation, "channel": "web", "started_at": NOW - timedelta(days=3), "last_at": NOW}
        await session.execute(insert(Conversation).values(**row))
        for number, (author, said) in enumerate(lines):
            at = NOW - timedelta(minutes=len(lines) - number)
            said_row = {"conversation_id": conversation, "event_id": f"{number}-0", "at": at, "author": author}
            await session.execute(insert(Message).values(**said_row, text=said, data={}))
        if team:
            facts = {"id": f"t-{conversation}", "reason": "complaint", "priority": "high", "candidates": []}
            times = {"opened_at": NOW - timedelta(minutes=10), "changed_at": NOW}
            values = facts | times | {"conversation_id": conversation, "team": team, "state": "closed"} | ticket
            await session.execute(insert(Ticket).values(**values))


async def found(client: httpx.AsyncClient, words: str) -> list[str]:
    answer = await client.post("/desk/api/search", json={"words": words})
    assert answer.status_code == 200, answer.text
    return [one["conversation"] for one in answer.json()["found"]]
