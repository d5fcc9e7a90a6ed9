"""Names and takes PostgreSQL's advisory locks, so that no two tasks use the same number by mistake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import IntEnum, unique

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from bot.record.engine import Sessions

TAKE = text("SELECT pg_advisory_xact_lock(:lock)")
TRY = text("SELECT pg_try_advisory_xact_lock(:lock)")
TRY_WITHOUT_TRANSACTION = text("SELECT pg_try_advisory_lock(:lock)")
RELEASE = text("SELECT pg_advisory_unlock(:lock)")
IDLE_S, USED_EVERY_S = 120, 30.0  # of the connection that holds a lock without a transaction
TAKE_OF_ONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, :lock))")


@unique
class Lock(IntEnum):
    """The tables or the task that each lock protects. Migrations use the numbers 721,905 and 721,906."""

    ENTRIES = 721_915
    NOTICES = 721_916
    SPIKES = 721_917
    COMMITS = 721_918
    SPIKE_ALARMS = 721_919  # held while they are sent, without a transaction, as the next five
    DRILL_MAIL = 721_920
    EXPIRY_MAIL = 721_921
    NEWS_MAIL = 721_922
    MONTH_MAIL = 721_923
    PROMISE_MAIL = 721_924
    EPISODES = 8_316_025
    BACKLOG = 8_316_027
    PROMISE = 8_316_028
    SAMPLES = 8_316_029
    BANS = 8_316_030  # for each conversation
    BAN_DANGERS = 8_316_031
    FIRST_ADMINISTRATOR = 8_316_033
    CANNED = 8_316_034
    CLOSINGS = 8_316_035  # for each ticket
    OTHER_TOPICS = 8_316_036


async def take(session: AsyncSession, lock: Lock) -> None:
    """Waits for the lock, and holds it until the session's transaction ends."""
    await session.execute(TAKE, {"lock": int(lock)})


async def try_to_take(session: AsyncSession, lock: Lock) -> bool:
    """Takes the lock until the session's transaction ends; returns False if another transaction holds it."""
    return bool(await session.scalar(TRY, {"lock": int(lock)}))


async def take_of(session: AsyncSession, lock: Lock, name: str) -> None:
    """Waits for the lock of one item, such as a conversation, and holds it until the transaction ends."""
    await session.execute(TAKE_OF_ONE, {"name": name, "lock": int(lock)})


@asynccontextmanager
async def held_alone(sessions: Sessions, lock: Lock) -> AsyncIterator[bool]:
    """Holds the lock during the block, without a transaction; yields False if another connection holds it.

    For work that waits for other servers, such as mail servers, since PostgreSQL ends a transaction that is idle for
    IDLE_IN_TRANSACTION_S seconds. Uses its connection every USED_EVERY_S seconds, and closes it at the end. If the
    process freezes or is cut off, PostgreSQL ends the connection, and with it the lock, after IDLE_S.
    """
    async with sessions() as session:
        connection = await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        await connection.execute(text(f"SET idle_session_timeout TO '{IDLE_S}s'"))
        using = asyncio.create_task(_use(connection))
        try:
            yield bool(await connection.scalar(TRY_WITHOUT_TRANSACTION, {"lock": int(lock)}))
        finally:
            using.cancel()
            await asyncio.gather(using, return_exceptions=True)
            with suppress(SQLAlchemyError):
                await connection.execute(RELEASE, {"lock": int(lock)})  # at once, not when the server sees the end
            await session.invalidate()


async def _use(connection: AsyncConnection) -> None:
    while True:
        await asyncio.sleep(USED_EVERY_S)
        await connection.execute(text("SELECT 1"))
