"""Changes a staff account: its name, roles, teams, languages, capacity, or whether the account is active.

At least one active administrator always remains, even if two administrators demote each other at the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.errors.staff import LastAdministrator, StaffUnknown
from bot.core.roles import ADMIN, role_table
from bot.desk.auth.accounts import (
    MAX_NAME_CHARACTERS,
    checked_capacity,
    checked_roles,
    replace_password,
    service_details,
)
from bot.desk.auth.audit import Action, add_audit
from bot.record.engine import Sessions
from bot.record.tables import Staff, StaffSession


@dataclass(frozen=True)
class StaffChange:
    """The new values of an account's fields (see ``StaffMember``); None leaves a field unchanged."""

    name: str | None = None
    roles: Sequence[str] | None = None
    teams: Sequence[str] | None = None
    languages: Sequence[str] | None = None
    capacity: int | None = None
    active: bool | None = None


async def change_staff(sessions: Sessions, email: str, change: StaffChange, *, by: UUID | None = None) -> None:
    """Changes an account, and ends its sessions if the account lost a role or was deactivated.

    ``by`` is the acting account, None for the command line or the identity provider. Raises StaffUnknown, RoleUnknown,
    CapacityInvalid, LastAdministrator.
    """
    if change.roles is not None:
        checked_roles(change.roles)
    checked_capacity(change.capacity or 0)
    async with sessions.begin() as session:
        admins = await _lock_administrators(session)
        row = await session.scalar(select(Staff).where(Staff.email == email.strip().lower()).with_for_update())
        if row is None:
            raise StaffUnknown(email=email)
        roles, before = set(row.roles), _facts(row)
        _apply(row, change)
        after = _facts(row)
        if admins == {row.id} and not _administers(row):
            raise LastAdministrator(email=email)
        if not row.active or roles - set(row.roles):
            await session.execute(delete(StaffSession).where(StaffSession.staff_id == row.id))
        changed = {key: value for key, value in after.items() if value != before[key]}
        if changed:
            add_audit(session, Action.STAFF_CHANGED, staff_id=by, subject=str(row.id), **changed)


async def shut_out(sessions: Sessions, staff: UUID, password_hash: str) -> None:
    """Replaces an account's password with one that nobody knows and ends its sessions; not the last administrator's.

    ``password_hash`` is that password's. Does nothing to a deactivated account.
    """
    async with sessions.begin() as session:
        admins = await _lock_administrators(session)
        row = await session.get_one(Staff, staff, with_for_update=True)
        if row.active and admins != {staff}:
            await replace_password(session, staff, password_hash)
            add_audit(session, Action.PASSWORD_CHANGED, staff_id=None, subject=str(staff), by="oidc")


async def _lock_administrators(session: AsyncSession) -> set[UUID]:
    """Returns the ids of the active administrators and locks their rows until the transaction ends."""
    query = select(Staff.id).where(Staff.active, Staff.roles.contains([ADMIN]))
    return set(await session.scalars(query.order_by(Staff.id).with_for_update()))


def _apply(row: Staff, change: StaffChange) -> None:
    if change.name is not None:
        row.name = change.name.strip()[:MAX_NAME_CHARACTERS] or row.email
    if change.roles is not None:
        row.roles = [role for role in role_table() if role in change.roles]
    if change.teams is not None:
        row.teams = list(change.teams)
    if change.languages is not None:
        row.languages = list(change.languages)
    if change.capacity is not None:
        row.capacity = change.capacity
    if change.active is not None:
        if row.active != change.active:
            row.inactive_since = None if change.active else datetime.now(UTC)
        row.active = change.active


def _administers(row: Staff) -> bool:
    return row.active and ADMIN in row.roles


def _facts(row: Staff) -> dict[str, object]:
    return {"name": row.name, "roles": list(row.roles), "active": row.active} | service_details(row)
