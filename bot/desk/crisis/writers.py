"""Finds the people who may write public notices."""

from __future__ import annotations

from bot.desk.auth.active_staff import active_staff
from bot.desk.auth.permissions import Permission
from bot.record.engine import Sessions


async def notice_writers(sessions: Sessions) -> list[str]:
    """Returns the ids of active staff who may write notices. Raises SQLAlchemyError."""
    async with sessions() as session:
        return [str(one.id) for one in await active_staff(session, Permission.NOTICES)]
