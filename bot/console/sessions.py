"""Signed-in browsers: a random token in a cookie, only its SHA-256 in PostgreSQL.

Called by ``gate`` on every request and by ``sign_in``. A session ends 12 h after it began, after 60 min without the
person doing anything, when they sign out, change their password, or their account is deactivated.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.staff import StaffMember
from bot.db.engine import Sessions
from bot.db.tables import Staff, StaffSession

TOKEN_BYTES = 32
MAX_AGE = timedelta(hours=12)
MAX_IDLE = timedelta(minutes=60)
TOUCH_EVERY = timedelta(seconds=30)
MAX_USER_AGENT_CHARACTERS = 200

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class SignedIn:
    """Who is asking, and the token that their changes must carry."""

    staff: StaffMember
    csrf_token: str
    token_hash: str
    last_seen_at: datetime


class StaffSessions:
    """Begins, finds and ends sessions."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._clock = clock

    async def begin(self, staff_id: UUID, user_agent: str) -> str:
        """A new session's token, for the cookie. Sessions that are over are cleared away on the way."""
        async with self._sessions.begin() as session:
            return await self.begin_in(session, staff_id, user_agent)

    async def begin_in(self, session: AsyncSession, staff_id: UUID, user_agent: str) -> str:
        """The same within the caller's transaction."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._clock()
        over = or_(StaffSession.expires_at <= now, StaffSession.last_seen_at <= now - MAX_IDLE)
        await session.execute(delete(StaffSession).where(over))
        session.add(
            StaffSession(
                token_hash=_digest(token),
                staff_id=staff_id,
                csrf_token=secrets.token_urlsafe(TOKEN_BYTES),
                created_at=now,
                last_seen_at=now,
                expires_at=now + MAX_AGE,
                user_agent=user_agent[:MAX_USER_AGENT_CHARACTERS],
            )
        )
        return token

    async def find(self, token: str) -> SignedIn | None:
        """The live session of this token, or None."""
        return await self.find_by_hash(_digest(token))

    async def find_by_hash(self, token_hash: str) -> SignedIn | None:
        """The same by the hash, for a connection that outlives its request."""
        now = self._clock()
        live = (
            select(StaffSession, Staff)
            .join(Staff, Staff.id == StaffSession.staff_id)
            .where(StaffSession.token_hash == token_hash, Staff.active)
            .where(StaffSession.expires_at > now, StaffSession.last_seen_at > now - MAX_IDLE)
        )
        async with self._sessions() as session:
            row = (await session.execute(live)).one_or_none()
        if row is None:
            return None
        kept, staff = row
        return SignedIn(StaffMember.from_row(staff), kept.csrf_token, kept.token_hash, kept.last_seen_at)

    async def touch(self, signed_in: SignedIn) -> None:
        """The person did something: the idle time begins anew."""
        now = self._clock()
        if now - signed_in.last_seen_at < TOUCH_EVERY:
            return
        touched = update(StaffSession).where(StaffSession.token_hash == signed_in.token_hash)
        async with self._sessions.begin() as session:
            await session.execute(touched.values(last_seen_at=now))

    async def end(self, token_hash: str) -> None:
        async with self._sessions.begin() as session:
            await session.execute(delete(StaffSession).where(StaffSession.token_hash == token_hash))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
