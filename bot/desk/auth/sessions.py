"""Signed-in browsers: a random token in a cookie, only its SHA-256 in PostgreSQL.

Called by ``guard`` on every request, by ``auth`` and by the account page, where people see and end their own. A session
ends 12 h after it began, after 60 min without the person doing anything, when they sign out or end it, change their
password, or their account is deactivated.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, not_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.auth.accounts import StaffMember, utc_now
from bot.record.engine import Sessions
from bot.record.tables import Staff, StaffSession

TOKEN_BYTES = 32
MAX_AGE = timedelta(hours=12)
MAX_IDLE = timedelta(minutes=60)
MAX_WAIT = timedelta(minutes=5)
CONFIRMED_FOR = timedelta(minutes=10)
TOUCH_EVERY = timedelta(seconds=30)
MAX_USER_AGENT_CHARACTERS = 200

Clock = Callable[[], datetime]
TeamsNow = Callable[[Sequence[str]], tuple[str, ...]]


@dataclass(frozen=True)
class Browser:
    """Who sends a request, before anybody is signed in: what it says of itself, its network, its cookie of a device."""

    user_agent: str = ""
    network: str = ""
    device: str = ""


@dataclass(frozen=True)
class SignedIn:
    """Who is asking, the token that their changes must carry, and when they last gave their password."""

    staff: StaffMember
    csrf_token: str
    token_hash: str
    last_seen_at: datetime
    confirmed_at: datetime


@dataclass(frozen=True)
class OpenSession:
    """One of somebody's sessions as they see it."""

    id: UUID
    user_agent: str
    network: str
    began_at: datetime
    last_seen_at: datetime
    this_one: bool


class StaffSessions:
    """Begins, finds and ends sessions. ``teams_now`` tells what an account's teams mean today."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now, teams_now: TeamsNow = tuple) -> None:
        self._sessions = sessions
        self._clock = clock
        self._teams_now = teams_now

    async def begin(self, staff_id: UUID, browser: Browser) -> str:
        """A new session's token, for the cookie. Sessions that are over are cleared away on the way."""
        async with self._sessions.begin() as session:
            return await self.begin_in(session, staff_id, browser)

    async def begin_in(
        self,
        session: AsyncSession,
        staff_id: UUID,
        browser: Browser,
        *,
        awaits_code: bool = False,
        confirmed_at: datetime | None = None,
    ) -> str:
        """The same within the caller's transaction. One that still ``awaits_code`` lets nobody in, and is short.

        ``confirmed_at``: when the password was given, if not now.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._clock()
        await session.execute(delete(StaffSession).where(not_(_live(now))))
        session.add(
            StaffSession(
                token_hash=_digest(token),
                staff_id=staff_id,
                csrf_token=secrets.token_urlsafe(TOKEN_BYTES),
                created_at=now,
                last_seen_at=now,
                expires_at=now + (MAX_WAIT if awaits_code else MAX_AGE),
                confirmed_at=confirmed_at or now,
                awaits_code=awaits_code,
                user_agent=browser.user_agent[:MAX_USER_AGENT_CHARACTERS],
                network=browser.network,
            )
        )
        return token

    async def find(self, token: str) -> SignedIn | None:
        """The live session of this token, or None."""
        return await self.find_by_hash(_digest(token))

    async def find_waiting(self, token: str) -> SignedIn | None:
        """Who gave the right password and still owes the code."""
        return await self.find_by_hash(_digest(token), awaits_code=True)

    async def find_by_hash(self, token_hash: str, *, awaits_code: bool = False) -> SignedIn | None:
        """The same by the hash, for a connection that outlives its request."""
        now = self._clock()
        live = (
            select(StaffSession, Staff)
            .join(Staff, Staff.id == StaffSession.staff_id)
            .where(StaffSession.token_hash == token_hash, StaffSession.awaits_code == awaits_code, Staff.active)
            .where(_live(now))
        )
        async with self._sessions() as session:
            row = (await session.execute(live)).one_or_none()
        if row is None:
            return None
        kept, staff = row
        member = StaffMember.from_row(staff)
        member = replace(member, teams=self._teams_now(member.teams))
        return SignedIn(member, kept.csrf_token, kept.token_hash, kept.last_seen_at, kept.confirmed_at)

    async def touch(self, signed_in: SignedIn) -> None:
        """The person did something: the idle time begins anew."""
        now = self._clock()
        if now - signed_in.last_seen_at >= TOUCH_EVERY:
            await self._note(signed_in, last_seen_at=now)

    async def confirm(self, signed_in: SignedIn) -> None:
        """The person has just given their password again."""
        await self._note(signed_in, confirmed_at=self._clock())

    def fresh(self, signed_in: SignedIn) -> bool:
        """Whether the password was given a moment ago, as dangerous changes ask."""
        return self._clock() - signed_in.confirmed_at < CONFIRMED_FOR

    async def open_ones(self, signed_in: SignedIn) -> list[OpenSession]:
        """The person's live sessions, this one first, then the last used."""
        query = select(StaffSession).where(StaffSession.staff_id == signed_in.staff.id, _live(self._clock()))
        query = query.where(StaffSession.awaits_code.is_(False))
        async with self._sessions() as session:
            rows = list(await session.scalars(query.order_by(StaffSession.last_seen_at.desc())))
        found = [
            OpenSession(
                row.id,
                row.user_agent,
                row.network,
                row.created_at,
                row.last_seen_at,
                row.token_hash == signed_in.token_hash,
            )
            for row in rows
        ]
        return sorted(found, key=lambda one: not one.this_one)

    async def end_own(self, signed_in: SignedIn, session_id: UUID | None) -> int:
        """Ends one of the person's sessions, or with None all but this one; how many."""
        own = StaffSession.staff_id == signed_in.staff.id
        which = StaffSession.id == session_id if session_id else StaffSession.token_hash != signed_in.token_hash
        async with self._sessions.begin() as session:
            gone = await session.execute(delete(StaffSession).where(own, which).returning(StaffSession.id))
            return len(gone.all())

    async def end(self, token_hash: str) -> None:
        async with self._sessions.begin() as session:
            await session.execute(delete(StaffSession).where(StaffSession.token_hash == token_hash))

    async def _note(self, signed_in: SignedIn, **values: datetime) -> None:
        noted = update(StaffSession).where(StaffSession.token_hash == signed_in.token_hash).values(**values)
        async with self._sessions.begin() as session:
            await session.execute(noted)


def _live(now: datetime) -> ColumnElement[bool]:
    return and_(StaffSession.expires_at > now, StaffSession.last_seen_at > now - MAX_IDLE)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
