"""Creates, lists and resets staff accounts in PostgreSQL.

A new or reset account has a one-time password, valid for the period ONE_TIME_TERM, which must be changed at the first
sign-in.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.agency.desk_settings import MAX_CAPACITY
from bot.conversation.readable import readable
from bot.core.errors.staff import CapacityInvalid, RoleUnknown, StaffExists, StaffInvalid, StaffUnknown
from bot.core.roles import ADMIN, role_table, unknown_roles
from bot.desk.auth.audit import Action, add_audit
from bot.desk.auth.passwords import Passwords, one_time_password
from bot.record.engine import Sessions
from bot.record.locks import Lock, take
from bot.record.tables import Staff, StaffSession
from bot.text.languages import OTHERS

FIRST_ADMIN_DOMAIN = "ventanilla.local"
FIRST_ADMIN_NAME = "Administración"
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
MAX_EMAIL_CHARACTERS = 254
MAX_NAME_CHARACTERS = 100
ONE_TIME_TERM = timedelta(hours=72)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class StaffMember:
    """A staff account, without its password.

    ``password_expires_at`` is None unless the account has a one-time password.
    """

    id: UUID
    email: str
    name: str
    roles: tuple[str, ...]
    teams: tuple[str, ...]  # keys of the agency's teams; empty means all teams
    languages: tuple[str, ...]  # besides Spanish
    capacity: int  # conversations at the same time; 0 means the agency's default
    active: bool
    must_change_password: bool
    password_expires_at: datetime | None
    has_second_factor: bool

    @property
    def rights(self) -> str:
        """Returns a text that differs once the account may see or do something else."""
        return f"{' '.join(sorted(self.roles))}, {' '.join(sorted(self.teams))}"

    @classmethod
    def from_row(cls, row: Staff) -> StaffMember:
        return cls(
            id=row.id,
            email=row.email,
            name=row.name,
            roles=tuple(row.roles),
            teams=tuple(row.teams),
            languages=tuple(one for one in row.languages if one in OTHERS),
            capacity=row.capacity,
            active=row.active,
            must_change_password=row.must_change_password,
            password_expires_at=row.password_expires_at,
            has_second_factor=row.totp_secret is not None,
        )


async def add_staff(
    sessions: Sessions,
    email: str,
    name: str,
    roles: Sequence[str],
    *,
    teams: Sequence[str] = (),
    languages: Sequence[str] = (),
    capacity: int = 0,
    by: UUID | None = None,
) -> str:
    """Creates an account and returns its one-time password; ``by`` is the acting account, None for the command line.

    Raises StaffInvalid, RoleUnknown, CapacityInvalid, StaffExists.
    """
    email = checked_email(email)
    checked_roles(roles)
    checked_capacity(capacity)
    password = one_time_password()
    password_hash = await Passwords().hash(password)
    row = Staff(
        email=email,
        name=readable(name).strip()[:MAX_NAME_CHARACTERS] or email,
        password_hash=password_hash,
        password_expires_at=utc_now() + ONE_TIME_TERM,
        roles=list(roles),
        teams=list(teams),
        languages=list(languages),
        capacity=capacity,
    )
    try:
        async with sessions.begin() as session:
            session.add(row)
            await session.flush()
            details = service_details(row)
            add_audit(session, Action.STAFF_ADDED, staff_id=by, subject=str(row.id), roles=row.roles, **details)
    except IntegrityError as error:
        raise StaffExists(email=email) from error
    return password


async def list_staff(sessions: Sessions) -> list[StaffMember]:
    """Returns all accounts, sorted by name."""
    async with sessions() as session:
        rows = await session.scalars(select(Staff).order_by(Staff.name, Staff.email))
        return [StaffMember.from_row(row) for row in rows]


async def find_staff(sessions: Sessions, staff_id: UUID) -> StaffMember | None:
    async with sessions() as session:
        row = await session.get(Staff, staff_id)
        return StaffMember.from_row(row) if row else None


async def staff_id_of(sessions: Sessions, email: str) -> UUID:
    """Returns the id of the account with this e-mail. Raises StaffUnknown."""
    async with sessions() as session:
        staff_id = await session.scalar(select(Staff.id).where(Staff.email == email.strip().lower()))
    if staff_id is None:
        raise StaffUnknown(email=email)
    return staff_id


async def reset_password(sessions: Sessions, email: str, *, by: UUID | None = None, proof: str = "") -> str:
    """Sets and returns a new one-time password, unlocks the account and ends its sessions. Raises StaffUnknown.

    ``proof`` says how the identity of the person who asked for this was checked.
    """
    staff_id, password = await staff_id_of(sessions, email), one_time_password()
    password_hash = await Passwords().hash(password)
    async with sessions.begin() as session:
        await replace_password(session, staff_id, password_hash, one_time=True)
        known = {"proof": proof} if proof else {}
        add_audit(session, Action.STAFF_RESET, staff_id=by, subject=str(staff_id), **known)
    return password


async def ensure_admin(sessions: Sessions) -> tuple[str, str] | None:
    """Creates the first administrator and returns its e-mail and one-time password; None if any account exists.

    The e-mail is partly random, so that nobody who attacks the sign-in knows an administrator's name.
    """
    async with sessions.begin() as session:
        await take(session, Lock.FIRST_ADMINISTRATOR)
        if await session.scalar(select(func.count()).select_from(Staff)):
            return None
        email = f"administracion-{secrets.token_hex(4)}@{FIRST_ADMIN_DOMAIN}"
        return email, await add_staff(sessions, email, FIRST_ADMIN_NAME, (ADMIN,))


async def replace_password(
    session: AsyncSession, staff_id: UUID, password_hash: str, *, one_time: bool = False
) -> None:
    """Replaces an account's password hash and ends all of its sessions, in the caller's transaction.

    A new hash also unlocks the account, because the names of its throttle buckets include the hash.
    """
    expires_at = utc_now() + ONE_TIME_TERM if one_time else None
    values = {"password_hash": password_hash, "must_change_password": one_time, "password_expires_at": expires_at}
    await session.execute(update(Staff).where(Staff.id == staff_id).values(**values))
    await session.execute(delete(StaffSession).where(StaffSession.staff_id == staff_id))


def service_details(row: Staff) -> dict[str, object]:
    """Returns the account's teams, languages and capacity as audit details."""
    return {"teams": list(row.teams), "languages": list(row.languages), "capacity": row.capacity}


def checked_roles(roles: Sequence[str]) -> None:
    """Checks a list of roles. Raises RoleUnknown if it is empty or contains an unknown role."""
    unknown = unknown_roles(roles)
    if unknown or not roles:
        raise RoleUnknown(roles=", ".join(unknown), known=", ".join(role_table()))


def checked_capacity(capacity: int) -> None:
    """Checks a capacity. Raises CapacityInvalid unless it is between 0 and MAX_CAPACITY."""
    if not 0 <= capacity <= MAX_CAPACITY:
        raise CapacityInvalid(most=MAX_CAPACITY)


def checked_email(email: str) -> str:
    """Returns the e-mail trimmed and in lower case. Raises StaffInvalid, also for control characters."""
    email = email.strip().lower()
    if len(email) > MAX_EMAIL_CHARACTERS or not EMAIL.fullmatch(email) or readable(email) != email:
        raise StaffInvalid(email=email)
    return email
