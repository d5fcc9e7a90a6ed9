"""Finds the people who may write public notices."""

from __future__ import annotations

from sqlalchemy import select

from bot.desk.auth.permissions import Permission, may
from bot.record.engine import Sessions
from bot.record.tables import Staff


async def notice_writers(sessions: Sessions) -> list[str]:
    """Returns the ids of active staff who may write notices. Raises SQLAlchemyError."""
    async with sessions() as session:
        staff = (await session.scalars(select(Staff).where(Staff.active))).all()
    return [str(one.id) for one in staff if may(one, Permission.NOTICES)]
