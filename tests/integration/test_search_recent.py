"""Tests that a search for a common word reads recent messages only, and finds the same as if it had read all."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from bot.desk.queries import search as module
from bot.desk.queries.search import FOUND, RECENTLY, Filters, Search
from bot.handoff.agent import Agent
from bot.record.engine import Sessions
from bot.record.tables import Conversation, Message, Ticket

EVA, ANA = Agent("eva", "Eva"), Agent("ana", "Ana", own=("transito",))
NOW = datetime.now(UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TABLES = (Conversation, Message, Ticket)
Rows = dict[type, list[dict[str, object]]]


def add(rows: Rows, name: str, said: list[tuple[datetime, str]], tickets: list[datetime], team: str) -> None:
    """Adds a conversation with messages about a «bache», as pairs (time, author), and with tickets closed then."""
    rows[Conversation].append({"id": name, "channel": "web", "started_at": NOW, "last_at": NOW})
    for number, (at, author) in enumerate(said):
        row = {"conversation_id": name, "event_id": f"{number}-0", "at": at, "author": author}
        rows[Message].append(row | {"text": "un bache", "data": {}})
    for at in tickets:
        row = {"id": f"{name}-{at.timestamp()}", "conversation_id": name, "team": team, "reason": "complaint"}
        times = dict.fromkeys(("opened_at", "closed_at", "changed_at"), at)
        rows[Ticket].append(row | times | {"priority": "high", "candidates": [], "state": "closed"})


async def written(sessions: Sessions, rows: Rows) -> None:
    async with sessions.begin() as session:
        for table, some in rows.items():
            if some:
                await session.execute(insert(table), some)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("longest", [2 * HOUR, 30 * DAY, 200 * DAY])
async def test_recent_messages_give_the_results_that_all_messages_give(
    database: Sessions, monkeypatch: pytest.MonkeyPatch, seed: int, longest: timedelta
) -> None:
    dice, rows = random.Random(seed), {table: [] for table in TABLES}
    for number in range(2 * FOUND):
        ages = [dice.random() ** 2 * longest for _ in range(4)]
        said = [(NOW - age, dice.choice(("citizen", "staff", "assistant"))) for age in ages]
        tickets = [NOW - dice.random() * longest for _ in range(dice.randrange(3))]
        add(rows, f"c{number}", said, tickets, dice.choice(("transito", "aseo")))
    await written(database, rows)
    for agent in (EVA, ANA):
        for limits in (Filters(), Filters(since=NOW - longest / 2), Filters(until=NOW - longest / 3)):
            monkeypatch.setattr(module, "RECENTLY", ())
            everything = await Search(database).find("bache", agent, limits)
            monkeypatch.setattr(module, "RECENTLY", RECENTLY)
            assert await Search(database).find("bache", agent, limits) == everything


@pytest.mark.parametrize(("age", "window"), [(HOUR, 0), (2 * DAY, 1), (20 * DAY, 2)])
async def test_older_messages_are_read_only_if_recent_ones_are_too_few(
    database: Sessions, monkeypatch: pytest.MonkeyPatch, age: timedelta, window: int
) -> None:
    rows: Rows = {table: [] for table in TABLES}
    for number in range(FOUND - 1):
        add(rows, f"c{number}", [(NOW - age, "citizen")], [], "")
    await written(database, rows)
    monkeypatch.setattr(module, "SEARCH", text("SELECT 1 / 0"))
    monkeypatch.setattr(module, "RECENTLY", RECENTLY[: window + 1])
    with pytest.raises(DBAPIError, match="division by zero"):
        await Search(database).find("bache", EVA)
    more: Rows = {table: [] for table in TABLES}
    add(more, "last", [(NOW - age, "citizen"), (NOW - 99 * DAY, "citizen")], [], "")
    await written(database, more)
    assert len(await Search(database).find("bache", EVA)) == FOUND
