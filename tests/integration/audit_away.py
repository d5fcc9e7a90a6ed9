"""Makes an action fail because the audit log accepts no row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from bot.record.engine import Sessions
from bot.record.tables import Audit

ADD = "ALTER TABLE audit ADD CONSTRAINT nothing_fits CHECK (false) NOT VALID"
DROP = "ALTER TABLE audit DROP CONSTRAINT nothing_fits"


async def refused(sessions: Sessions, work: Callable[[], Awaitable[object]]) -> None:
    """Expects ``work`` to fail because the audit log rejects its row."""
    await _run(sessions, ADD)
    try:
        with pytest.raises(IntegrityError):
            await work()
    finally:
        await _run(sessions, DROP)


async def audited(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        return list(await session.scalars(select(Audit.action).order_by(Audit.id)))


async def one_of(sessions: Sessions, column: Any) -> Any:
    async with sessions() as session:
        return await session.scalar(select(column))


async def _run(sessions: Sessions, statement: str) -> None:
    async with sessions.begin() as session:
        await session.execute(text(statement))
