"""Counts idle transactions; PostgreSQL ends and rolls back a transaction that is idle for two minutes."""

from __future__ import annotations

from sqlalchemy import text

from bot.record.engine import Sessions

IDLE = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"


async def idle_transactions(sessions: Sessions) -> int:
    async with sessions() as session:
        return int(await session.scalar(text(IDLE)) or 0)
