"""Tests that the desk's queries of blocked conversations, closed tickets and agents' tickets can use an index."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import TextClause, text

from bot.desk.api.day import FIGURES
from bot.desk.queries.reach import reach_of
from bot.desk.queries.search import CLOSED, Filters
from bot.handoff.agent import Agent
from bot.record.engine import Sessions

BLOCKED = text("SELECT id FROM conversations WHERE blocked_at IS NOT NULL")
SEARCHED = vars(Filters()) | reach_of(Agent("eva", "Eva"))
DAY = {"staff": "eva", "since": datetime.now(UTC)}


@pytest.mark.parametrize(
    ("index", "query", "given"),
    [
        ("conversations_blocked", BLOCKED, {}),
        ("tickets_closed", CLOSED, SEARCHED),
        ("tickets_claimed", FIGURES, DAY),
    ],
)
async def test_query_uses_its_index(
    database: Sessions, index: str, query: TextClause, given: dict[str, object]
) -> None:
    async with database() as session:
        for cheap_on_few_rows in ("enable_seqscan", "enable_sort"):
            await session.execute(text(f"SET LOCAL {cheap_on_few_rows} = off"))
        plan = "\n".join(await session.scalars(text(f"EXPLAIN {query.text}"), given))
    assert index in plan, plan
