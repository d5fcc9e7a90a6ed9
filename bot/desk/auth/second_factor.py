"""Turns the second factor on and off, and checks codes: six digits from an app (TOTP, RFC 6238), or recovery codes.

The secret is stored encrypted and each code works once. Recovery codes are stored as hashes and deleted when used.
"""

from __future__ import annotations

import hmac
from uuid import UUID

import pyotp
import segno
from argon2 import PasswordHasher
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.secrets.encryption import Cipher
from bot.desk.auth.accounts import StaffMember
from bot.desk.auth.audit import Action, add_audit
from bot.desk.auth.passwords import Passwords, one_time_password
from bot.desk.auth.sessions import Clock
from bot.record.engine import Sessions
from bot.record.tables import RecoveryCode, Staff

OFFER_TTL_S = 15 * 60
STEP_S = 30
STEPS_AROUND = (0, -1, 1)  # accepted offsets in steps of STEP_S, since the phone's clock may be half a minute off
CODE_DIGITS = 6
RECOVERY_CODES = 10
CODE_PASSES, CODE_MEMORY_KIB = 3, 12 * 1024
QR_SCALE = 5


class SecondFactor:
    """Enrolls accounts and checks codes.

    ``secret`` is VENTANILLA_SECRET, and ``agency`` the name that the app shows. If VENTANILLA_SECRET changes without a
    rotation, people must enroll again.
    """

    def __init__(self, sessions: Sessions, *, secret: str, agency: str, clock: Clock) -> None:
        self._sessions = sessions
        self._cipher = Cipher(secret, "second factor")
        self._agency = agency
        self._clock = clock
        # The smallest hash that ASVS allows is enough for 79 random bits, and ten codes are compared within a second.
        self._codes = Passwords(PasswordHasher(time_cost=CODE_PASSES, memory_cost=CODE_MEMORY_KIB, parallelism=1))

    def offer(self, staff: StaffMember) -> str:
        """Returns a new encrypted TOTP secret for this person; the page sends it back with the first code."""
        return self._cipher.encrypt(f"{staff.id} {pyotp.random_base32()}")

    def shown(self, staff: StaffMember, offer: str) -> tuple[str, str] | None:
        """Returns (secret in groups of four, QR code as SVG); None if the offer expired or is another person's."""
        secret = self._offered(staff, offer)
        if secret is None:
            return None
        address = pyotp.TOTP(secret).provisioning_uri(name=staff.email, issuer_name=self._agency)
        qr_code = segno.make(address, micro=False).svg_inline(scale=QR_SCALE, border=3, light="#fff", dark="#000")
        return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), qr_code

    async def enrol(self, staff: StaffMember, offer: str, code: str) -> list[str] | None:
        """Turns 2FA on and returns the recovery codes to show once; None if the code or the offer is wrong."""
        secret = self._offered(staff, offer)
        step = self._step(secret, code) if secret else None
        if secret is None or step is None:
            return None
        codes = await self._new_codes()
        async with self._sessions.begin() as session:
            statement = update(Staff).where(Staff.id == staff.id)
            await session.execute(statement.values(totp_secret=self._cipher.encrypt(secret), totp_step=step))
            await _replace_codes(session, staff.id, codes)
            add_audit(session, Action.SECOND_FACTOR_ON, staff_id=staff.id, subject=str(staff.id))
        return list(codes)

    async def renew_codes(self, staff: StaffMember) -> list[str]:
        """Replaces all recovery codes and returns the new codes."""
        codes = await self._new_codes()
        async with self._sessions.begin() as session:
            await _replace_codes(session, staff.id, codes)
            add_audit(session, Action.RECOVERY_CODES_RENEWED, staff_id=staff.id, subject=str(staff.id))
        return list(codes)

    async def codes_left(self, staff_id: UUID) -> int:
        query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.staff_id == staff_id)
        async with self._sessions() as session:
            return await session.scalar(query) or 0

    async def check(self, staff_id: UUID, code: str) -> bool:
        """Returns whether the code is right and unused, and marks it as used."""
        code = "".join(code.split()).lower()
        async with self._sessions.begin() as session:
            row = await session.get(Staff, staff_id, with_for_update=True)
            if row is None or row.totp_secret is None:
                return False
            if not (len(code) == CODE_DIGITS and code.isdigit()):
                return await self._use_recovery_code(session, staff_id, code)
            step = self._step(self._cipher.decrypt(row.totp_secret) or "", code)
            if step is None or step <= row.totp_step:
                return False
            row.totp_step = step
            return True

    def _offered(self, staff: StaffMember, offer: str) -> str | None:
        owner, _, secret = (self._cipher.decrypt(offer, ttl_s=OFFER_TTL_S, outside=True) or "").partition(" ")
        return secret if secret and owner == str(staff.id) else None

    def _step(self, secret: str, code: str) -> int | None:
        """Returns the TOTP time step of the code; None if the code does not belong to a current step."""
        if not secret:
            return None
        totp, now = pyotp.TOTP(secret, interval=STEP_S), int(self._clock().timestamp()) // STEP_S
        digits = "".join(code.split()).encode()
        return next(
            (now + n for n in STEPS_AROUND if hmac.compare_digest(totp.generate_otp(now + n).encode(), digits)), None
        )

    async def _new_codes(self) -> dict[str, str]:
        codes = [one_time_password() for _ in range(RECOVERY_CODES)]
        return {code: await self._codes.hash(code) for code in codes}

    async def _use_recovery_code(self, session: AsyncSession, staff_id: UUID, code: str) -> bool:
        for stored in await session.scalars(select(RecoveryCode).where(RecoveryCode.staff_id == staff_id)):
            if await self._codes.matches(code, stored.code_hash):
                await session.delete(stored)
                add_audit(session, Action.RECOVERY_CODE_USED, staff_id=staff_id, subject=str(staff_id))
                return True
        return False


async def remove_second_factor(sessions: Sessions, staff_id: UUID, *, by: UUID | None = None, proof: str = "") -> None:
    """Turns 2FA off for an account and deletes its recovery codes.

    ``by`` is the acting account, None for the command line. ``proof`` says how the identity of the person who asked for
    this was checked.
    """
    async with sessions.begin() as session:
        statement = update(Staff).where(Staff.id == staff_id, Staff.totp_secret.is_not(None))
        removed = await session.execute(statement.values(totp_secret=None, totp_step=0).returning(Staff.id))
        await session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
        if removed.all():
            known = {"proof": proof} if proof else {}
            add_audit(session, Action.SECOND_FACTOR_OFF, staff_id=by, subject=str(staff_id), **known)


async def _replace_codes(session: AsyncSession, staff_id: UUID, codes: dict[str, str]) -> None:
    await session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    session.add_all(RecoveryCode(staff_id=staff_id, code_hash=code_hash) for code_hash in codes.values())
