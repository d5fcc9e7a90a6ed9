"""Names PostgreSQL's advisory locks, so that no two tasks use the same number by mistake."""

from __future__ import annotations

from enum import IntEnum, unique

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

TAKE = text("SELECT pg_advisory_xact_lock(:lock)")
TRY = text("SELECT pg_try_advisory_xact_lock(:lock)")
TAKE_OF_ONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, :lock))")


@unique
class Lock(IntEnum):
    """The tables or the task that each lock protects. Migrations use the numbers 721,905 and 721,906."""

    ENTRIES = 721_915
    NOTICES = 721_916
    SPIKES = 721_917
    COMMITS = 721_918
    EPISODES = 8_316_025
    BACKLOG = 8_316_027
    PROMISE = 8_316_028
    SAMPLES = 8_316_029
    BANS = 8_316_030  # for each conversation
    BAN_DANGERS = 8_316_031


async def take(session: AsyncSession, lock: Lock) -> None:
    """Waits for the lock, and holds it until the session's transaction ends."""
    await session.execute(TAKE, {"lock": int(lock)})


async def try_to_take(session: AsyncSession, lock: Lock) -> bool:
    """Takes the lock until the session's transaction ends; returns False if another transaction holds it."""
    return bool(await session.scalar(TRY, {"lock": int(lock)}))


async def take_of(session: AsyncSession, lock: Lock, name: str) -> None:
    """Waits for the lock of one item, such as a conversation, and holds it until the transaction ends."""
    await session.execute(TAKE_OF_ONE, {"name": name, "lock": int(lock)})
