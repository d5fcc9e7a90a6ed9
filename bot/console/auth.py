"""Signing in, changing the password, signing out. Called by the console's pages.

Every refusal is the same to the outside, in words and in time: wrong password, unknown e-mail, locked, deactivated. The
failure is counted before the password is checked, so that guesses made at once are limited too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from bot.console.audit import Action, AuditLog, add_audit
from bot.console.passwords import Passwords, weakness
from bot.console.sessions import Clock, SignedIn, StaffSessions, utc_now
from bot.console.staff import StaffMember, replace_password
from bot.db.engine import Sessions
from bot.db.tables import Staff
from bot.logs import log

MAX_FAILURES = 5
LOCK = timedelta(minutes=15)


@dataclass(frozen=True)
class _Account:
    """What an attempt needs to know; ``password_hash`` is None where it must fail."""

    staff: StaffMember | None
    password_hash: str | None


class Auth:
    """Who may come in. ``known_words`` are the agency's names, bad as passwords."""

    def __init__(self, sessions: Sessions, *, known_words: tuple[str, ...] = (), clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._known_words = known_words
        self._clock = clock
        self.passwords = Passwords()
        self.browsers = StaffSessions(sessions, clock)
        self.audit = AuditLog(sessions)

    async def sign_in(self, email: str, password: str, *, user_agent: str) -> str | None:
        """A new session's token, or None when the attempt is refused for whatever reason."""
        account = await self._count_attempt(email.strip().lower())
        right = await self.passwords.matches(password, account.password_hash)
        if account.staff is None or not right:
            staff_id = account.staff.id if account.staff else None
            await self.audit.record(Action.SIGN_IN_REFUSED, staff_id=staff_id)
            log.info("sign-in refused", staff=str(staff_id))
            return None
        async with self._sessions.begin() as session:
            cleared = update(Staff).where(Staff.id == account.staff.id).values(failed_sign_ins=0, locked_until=None)
            await session.execute(cleared)
            add_audit(session, Action.SIGN_IN, staff_id=account.staff.id)
            return await self.browsers.begin_in(session, account.staff.id, user_agent)

    async def change_password(self, who: SignedIn, *, current: str, new: str, user_agent: str) -> tuple[str, str]:
        """Sets a new password: ends every session of the account and begins this browser's anew.

        Returns (token, "") or ("", why it was refused as a key below ``desk.clave``). A wrong current password counts
        as a failed sign-in; a new one that is refused does not.
        """
        refused = "igual" if new == current else weakness(new, known=self._known(who.staff))
        if refused:
            return "", refused
        account = await self._count_attempt(who.staff.email)
        if not await self.passwords.matches(current, account.password_hash):
            return "", "actual_incorrecta"
        new_hash = await self.passwords.hash(new)
        async with self._sessions.begin() as session:
            await replace_password(session, who.staff.id, new_hash, must_change=False)
            add_audit(session, Action.PASSWORD_CHANGED, staff_id=who.staff.id)
            return await self.browsers.begin_in(session, who.staff.id, user_agent), ""

    async def sign_out(self, who: SignedIn) -> None:
        await self.browsers.end(who.token_hash)
        await self.audit.record(Action.SIGN_OUT, staff_id=who.staff.id)

    async def _count_attempt(self, email: str) -> _Account:
        """Counts a failure in advance (a success clears it). The hash is given only to an account that may try."""
        async with self._sessions.begin() as session:
            row = await session.scalar(select(Staff).where(Staff.email == email).with_for_update())
            if row is None or not row.active:
                return _Account(None, None)
            staff, now = StaffMember.from_row(row), self._clock()
            if row.locked_until is not None and row.locked_until > now:
                return _Account(staff, None)
            row.failed_sign_ins, row.locked_until = _counted(row, now)
            return _Account(staff, row.password_hash)

    def _known(self, staff: StaffMember) -> tuple[str, ...]:
        return (staff.email, staff.name, *self._known_words)


def _counted(row: Staff, now: datetime) -> tuple[int, datetime | None]:
    """Failures and lock after one more attempt; an old lock that is over starts a new count."""
    failures = 1 if row.locked_until is not None else row.failed_sign_ins + 1
    return failures, now + LOCK if failures >= MAX_FAILURES else None
