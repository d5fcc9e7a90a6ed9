"""Reads the staff who can sign in, for whoever notifies them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.auth.permissions import Permission, may
from bot.record.tables import Staff


async def active_staff(session: AsyncSession, *permissions: Permission) -> list[Staff]:
    """Returns the active accounts that have one of ``permissions``; all of them without any. Raises SQLAlchemyError."""
    staff = await session.scalars(select(Staff).where(Staff.active))
    return [one for one in staff if not permissions or any(may(one, needed) for needed in permissions)]
