"""Signs staff in and out, and checks or changes their password.

A refusal looks the same and takes the same time for a wrong password, an unknown e-mail, a deactivated account and an
expired one-time password. An attempt is counted before the password is checked, so parallel guesses are limited too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.core.logs import log
from bot.desk.auth.accounts import StaffMember, replace_password, utc_now
from bot.desk.auth.audit import Action, AuditLog, add_audit
from bot.desk.auth.passwords import Passwords, weakness
from bot.desk.auth.second_factor import SecondFactor
from bot.desk.auth.sessions import Browser, Clock, SignedIn, StaffSessions, TeamsNow
from bot.desk.auth.throttles import Throttles
from bot.metrics.measures import Refusal, count_refusal
from bot.record.engine import Sessions
from bot.record.tables import Staff
from bot.store.throttle import Throttle


@dataclass(frozen=True)
class SignIn:
    """The result of a sign-in attempt."""

    token: str = ""  # token of the new session; '' if refused
    device: str = ""  # value of the cookie that makes this browser a known device; '' until fully signed in
    wait_s: int = 0  # seconds until the next attempt is allowed, if throttled
    awaits_code: bool = False  # the session gives no access until ``give_code``
    roles: tuple[str, ...] = ()  # of the person; () until fully signed in


@dataclass(frozen=True)
class _Account:
    """The account that an attempt is for."""

    name: str  # identifies the account's throttle buckets
    staff: StaffMember | None = None
    password_hash: str | None = None  # None if every attempt must fail


class Auth:
    """Signs staff in and out; ``known_words`` are the agency's names, on which a password must not be based."""

    def __init__(
        self,
        sessions: Sessions,
        *,
        throttle: Throttle,
        secret: str,
        agency: str,
        known_words: tuple[str, ...] = (),
        teams_now: TeamsNow = tuple,
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = sessions
        self._throttle = throttle
        self._throttles = Throttles(secret)
        self._known_words = known_words
        self._clock = clock
        self.passwords = Passwords()
        self.browsers = StaffSessions(sessions, clock, teams_now)
        self.audit = AuditLog(sessions)
        self.factor = SecondFactor(sessions, secret=secret, agency=agency, clock=clock)

    async def sign_in(self, email: str, password: str, browser: Browser) -> SignIn:
        """Begins a session, or returns a SignIn without a token if refused or throttled."""
        account = await self._account(email.strip().lower())
        staff_id = str(account.staff.id) if account.staff else ""
        throttles = self._throttles.sign_in(account.name, staff_id, browser.network, browser.device)
        if wait_s := await self._throttle.count(throttles):
            count_refusal(Refusal.THROTTLED)
            return SignIn(wait_s=wait_s)
        if not await self.passwords.matches(password, account.password_hash) or account.staff is None:
            await self._refuse(account, "password", browser.network)
            return SignIn()
        await self._throttle.reset(throttles)
        await self._hash_anew(account, password)
        return await self.begin(account.staff, browser, by="password")

    async def begin(
        self, staff: StaffMember, browser: Browser, *, by: str, confirmed_at: datetime | None = None
    ) -> SignIn:
        """Begins a session for an identified person; with 2FA, the session first awaits the code.

        ``by`` is how they were identified, a key of ``desk.auditoria.maneras``. ``confirmed_at`` is the time at which
        the password was given, None means now.
        """
        if not staff.has_second_factor:
            return await self._begin_session(staff, browser, confirmed_at, by)
        async with self._sessions.begin() as session:
            token = await self.browsers.begin_in(
                session, staff.id, browser, awaits_code=True, confirmed_at=confirmed_at
            )
        return SignIn(token, awaits_code=True)

    async def give_code(self, waiting: SignedIn, code: str, browser: Browser) -> SignIn:
        """Checks the second factor's code; a right code replaces the waiting session with a full session.

        Returns a SignIn without a token if the code is wrong or attempts are throttled.
        """
        account = await self._account(waiting.staff.email)
        throttles = self._throttles.signed_in(account.name, "code")
        if wait_s := await self._throttle.count(throttles):
            count_refusal(Refusal.THROTTLED)
            return SignIn(wait_s=wait_s)
        if not await self.factor.check(waiting.staff.id, code):
            await self._refuse(account, "code", browser.network)
            return SignIn()
        await self._throttle.reset(throttles)
        await self.browsers.end(waiting.token_hash)
        return await self._begin_session(waiting.staff, browser, waiting.confirmed_at, "code")

    async def _begin_session(
        self, staff: StaffMember, browser: Browser, confirmed_at: datetime | None, by: str
    ) -> SignIn:
        async with self._sessions.begin() as session:
            token = await self.browsers.begin_in(session, staff.id, browser, confirmed_at=confirmed_at)
            add_audit(session, Action.SIGN_IN, staff_id=staff.id, by=by, network=browser.network)
        return SignIn(token, self._throttles.known(browser.device, str(staff.id)), roles=staff.roles)

    async def confirm(self, signed_in: SignedIn, password: str) -> tuple[str, str]:
        """Checks the password again before dangerous changes.

        Returns (the session's new token, "") or ("", error as a key of ``desk.clave``); ("", "") if another tab has
        just confirmed the session.
        """
        account = await self._account(signed_in.staff.email)
        if refused := await self._prove(account, password):
            return "", refused
        return await self.browsers.confirm(signed_in), ""

    def asks_current(self, signed_in: SignedIn) -> bool:
        """Returns whether a new password requires the current one; False if a one-time password was just given."""
        return not (signed_in.staff.must_change_password and self.browsers.fresh(signed_in))

    async def change_password(
        self, signed_in: SignedIn, *, current: str | None, new: str, browser: Browser
    ) -> tuple[str, str]:
        """Sets a new password, ends all of the account's sessions and begins a session for this browser.

        ``current`` is None if the current password was not requested (see ``asks_current``). Returns (token, "") or
        ("", error as a key of ``desk.clave``). A wrong current password counts as a failed attempt; a rejected new
        password does not.
        """
        if refused := await self._refusal(signed_in, current, new):
            return "", refused
        new_hash = await self.passwords.hash(new)
        async with self._sessions.begin() as session:
            await replace_password(session, signed_in.staff.id, new_hash)
            token = await self.browsers.begin_in(session, signed_in.staff.id, browser)
            add_audit(session, Action.PASSWORD_CHANGED, staff_id=signed_in.staff.id)
        return token, ""

    async def _refusal(self, signed_in: SignedIn, current: str | None, new: str) -> str:
        """Checks a change of password; returns "" or the error, a key of ``desk.clave``."""
        weak = weakness(new, known=self._known(signed_in.staff))
        account = await self._account(signed_in.staff.email)
        if current is not None:
            return "igual" if new == current else weak or await self._prove(account, current)
        if self.asks_current(signed_in):
            return "actual_falta"
        return weak or ("igual" if await self.passwords.matches(new, account.password_hash) else "")

    async def sign_out(self, signed_in: SignedIn) -> None:
        await self.browsers.end(signed_in.token_hash, signed_out=signed_in.staff.id)

    async def _prove(self, account: _Account, password: str) -> str:
        """Checks the password of a person who is signed in; returns "" or the error, a key of ``desk.clave``."""
        throttles = self._throttles.signed_in(account.name, "password")
        if await self._throttle.count(throttles):
            count_refusal(Refusal.THROTTLED)
            return "espera"
        if not await self.passwords.matches(password, account.password_hash):
            await self._refuse(account, "password")
            return "actual_incorrecta"
        await self._throttle.reset(throttles)
        return ""

    async def _refuse(self, account: _Account, by: str, network: str = "") -> None:
        staff_id = account.staff.id if account.staff else None
        await self.audit.record(Action.SIGN_IN_REFUSED, staff_id=staff_id, by=by, network=network)
        count_refusal(Refusal.SIGN_IN)
        log.warning("sign-in: refused", staff=str(staff_id), by=by, network=network)

    async def _hash_anew(self, account: _Account, password: str) -> None:
        """Replaces the hash of the password just given if it was made with parameters other than the current ones."""
        if account.staff and account.password_hash and self.passwords.outdated(account.password_hash):
            same = (Staff.id == account.staff.id) & (Staff.password_hash == account.password_hash)
            new = await self.passwords.hash(password)
            async with self._sessions.begin() as session:
                await session.execute(update(Staff).where(same).values(password_hash=new))

    async def _account(self, email: str) -> _Account:
        """Returns the account with an e-mail; if unknown, inactive or expired, it has no hash and attempts fail."""
        async with self._sessions() as session:
            row = await session.scalar(select(Staff).where(Staff.email == email))
        if row is None or not row.active:
            return _Account(email)
        return _Account(f"{email} {row.password_hash}", StaffMember.from_row(row), _usable(row, self._clock()))

    def _known(self, staff: StaffMember) -> tuple[str, ...]:
        return (staff.email, staff.name, *self._known_words)


def _usable(row: Staff, now: datetime) -> str | None:
    """Returns the password hash; None if the password is a one-time password that has expired."""
    expired = row.password_expires_at is not None and row.password_expires_at <= now
    return None if expired else row.password_hash
