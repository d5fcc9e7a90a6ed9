"""Begins, finds and ends staff sessions: the browser has a random token in a cookie, PostgreSQL only its SHA-256.

A session ends MAX_AGE after it began (MAX_WAIT while it awaits the second factor's code), after MAX_IDLE without
activity, on sign-out or when its owner ends it, when the password changes, and when the account loses a role or is
deactivated.
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
from bot.desk.auth.audit import Action, add_audit
from bot.record.engine import Sessions
from bot.record.tables import Staff, StaffSession

TOKEN_BYTES = 32
MAX_AGE = timedelta(hours=12)
MAX_IDLE = timedelta(minutes=60)
MAX_WAIT = timedelta(minutes=5)  # time to enter the second factor's code
CONFIRMED_FOR = timedelta(minutes=10)
TOUCH_EVERY = timedelta(seconds=30)
MAX_USER_AGENT_CHARACTERS = 200

Clock = Callable[[], datetime]
TeamsNow = Callable[[Sequence[str]], tuple[str, ...]]


@dataclass(frozen=True)
class Browser:
    """The browser behind a request: its User-Agent header, its network and its device cookie."""

    user_agent: str = ""
    network: str = ""
    device: str = ""


@dataclass(frozen=True)
class SignedIn:
    """A live session: the account, the CSRF token, and the times of the last use and the last password check."""

    staff: StaffMember
    csrf_token: str
    token_hash: str
    last_seen_at: datetime
    confirmed_at: datetime

    @property
    def idle_minutes(self) -> float:
        """Returns how long a session lives without activity."""
        return MAX_IDLE.total_seconds() / 60


@dataclass(frozen=True)
class OpenSession:
    """An open session, as the account page lists it for the owner."""

    id: UUID
    user_agent: str
    network: str
    began_at: datetime
    last_seen_at: datetime
    this_one: bool


class StaffSessions:
    """Stores sessions in PostgreSQL.

    ``teams_now`` adds the default team if one of the person's teams no longer exists.
    """

    def __init__(self, sessions: Sessions, clock: Clock = utc_now, teams_now: TeamsNow = tuple) -> None:
        self._sessions = sessions
        self._clock = clock
        self._teams_now = teams_now

    async def begin(self, staff_id: UUID, browser: Browser) -> str:
        """Begins a session and returns its token for the cookie; also deletes all expired sessions."""
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
        """Begins a session in the caller's transaction and returns its token; also deletes all expired sessions.

        With ``awaits_code``, the session lasts MAX_WAIT and can only be used to enter the second factor's code.
        ``confirmed_at`` is the time at which the password was given, None means now.
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
        """Returns the live session of this token; None if there is none or it still awaits the second factor's code."""
        return await self._find(StaffSession.token_hash == _digest(token))

    async def find_waiting(self, token: str) -> SignedIn | None:
        """Returns the session of this token that still awaits the second factor's code, or None."""
        return await self._find(StaffSession.token_hash == _digest(token), awaits_code=True)

    async def find_again(self, signed_in: SignedIn) -> SignedIn | None:
        """Returns the current state of a session, even if its token was replaced; None if the session has ended."""
        return await self._find(StaffSession.csrf_token == signed_in.csrf_token)

    async def _find(self, condition: ColumnElement[bool], *, awaits_code: bool = False) -> SignedIn | None:
        now = self._clock()
        query = (
            select(StaffSession, Staff)
            .join(Staff, Staff.id == StaffSession.staff_id)
            .where(condition, StaffSession.awaits_code == awaits_code, Staff.active)
            .where(_live(now))
        )
        async with self._sessions() as session:
            row = (await session.execute(query)).one_or_none()
        if row is None:
            return None
        stored, staff = row
        member = StaffMember.from_row(staff)
        member = replace(member, teams=self._teams_now(member.teams))
        return SignedIn(member, stored.csrf_token, stored.token_hash, stored.last_seen_at, stored.confirmed_at)

    async def touch(self, signed_in: SignedIn) -> None:
        """Restarts the session's idle time, writing at most once every TOUCH_EVERY."""
        now = self._clock()
        if now - signed_in.last_seen_at >= TOUCH_EVERY:
            await self._update(signed_in, last_seen_at=now)

    async def confirm(self, signed_in: SignedIn) -> str:
        """Records that the person has just given their password again; returns the session's new token.

        The old token opens nothing any more. The CSRF token stays, so that forms in other tabs still work. Returns ''
        if another tab has just confirmed: its token stays, since the browser keeps the cookie of the last response.
        """
        token, own = secrets.token_urlsafe(TOKEN_BYTES), StaffSession.token_hash == signed_in.token_hash
        confirmed = update(StaffSession).where(own).values(confirmed_at=self._clock(), token_hash=_digest(token))
        async with self._sessions.begin() as session:
            done = await session.execute(confirmed.returning(StaffSession.id))
            return token if done.all() else ""

    def fresh(self, signed_in: SignedIn) -> bool:
        """Returns whether the password was given within the time CONFIRMED_FOR, as dangerous changes require."""
        return self._clock() - signed_in.confirmed_at < CONFIRMED_FOR

    async def open_ones(self, signed_in: SignedIn) -> list[OpenSession]:
        """Returns the person's live sessions: the current session first, then the most recently used."""
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
        """Ends the person's session ``session_id``, or all but the current one if that is None; returns how many."""
        own = StaffSession.staff_id == signed_in.staff.id
        condition = StaffSession.id == session_id if session_id else StaffSession.token_hash != signed_in.token_hash
        async with self._sessions.begin() as session:
            ended = await session.execute(delete(StaffSession).where(own, condition).returning(StaffSession.id))
            if count := len(ended.all()):
                add_audit(session, Action.SESSIONS_ENDED, staff_id=signed_in.staff.id, count=count)
            return count

    async def end(self, token_hash: str, *, signed_out: UUID | None = None) -> None:
        """Ends a session; ``signed_out`` is the account that signed out, None if the session is replaced."""
        async with self._sessions.begin() as session:
            await session.execute(delete(StaffSession).where(StaffSession.token_hash == token_hash))
            if signed_out:
                add_audit(session, Action.SIGN_OUT, staff_id=signed_out)

    async def _update(self, signed_in: SignedIn, **values: datetime) -> None:
        # Finds the session by its CSRF token, which ``confirm`` keeps.
        statement = update(StaffSession).where(StaffSession.csrf_token == signed_in.csrf_token).values(**values)
        async with self._sessions.begin() as session:
            await session.execute(statement)


def _live(now: datetime) -> ColumnElement[bool]:
    return and_(StaffSession.expires_at > now, StaffSession.last_seen_at > now - MAX_IDLE)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
