"""Reads the active staff accounts, for notifications."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.auth.permissions import Permission, may
from bot.record.tables import Staff


async def active_staff(session: AsyncSession, *permissions: Permission) -> list[Staff]:
    """Returns the active accounts that have one of ``permissions``, or all active accounts if none is given.

    The accounts are sorted by e-mail address. Raises SQLAlchemyError.
    """
    staff = await session.scalars(select(Staff).where(Staff.active).order_by(Staff.email))
    return [one for one in staff if not permissions or any(may(one, needed) for needed in permissions)]
