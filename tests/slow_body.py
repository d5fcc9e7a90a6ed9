"""Sends a request whose body is complete only after its session was checked and something else has happened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

from sqlalchemy import select, update

from bot.desk.auth.accounts import utc_now
from bot.record.engine import Sessions
from bot.record.tables import StaffSession
from tests.eventually import eventually

AWAY = timedelta(minutes=5)


async def slow_body(
    sessions: Sessions, body: bytes, meanwhile: Callable[[], Awaitable[object]]
) -> AsyncIterator[bytes]:
    """Returns a body in two parts; ``meanwhile`` is called between them, once the desk has seen the session."""
    async with sessions.begin() as session:
        await session.execute(update(StaffSession).values(last_seen_at=utc_now() - 2 * AWAY))
    return _parts(sessions, body, meanwhile)


async def _parts(sessions: Sessions, body: bytes, meanwhile: Callable[[], Awaitable[object]]) -> AsyncIterator[bytes]:
    yield body[:5]
    await eventually(lambda: _is_seen(sessions))
    await meanwhile()
    yield body[5:]


async def _is_seen(sessions: Sessions) -> bool:
    async with sessions() as session:
        return bool(await session.scalar(select(StaffSession.id).where(StaffSession.last_seen_at > utc_now() - AWAY)))
