"""Finds or creates the account of a person whom the identity provider signed in.

The account is found by the provider's subject. At a person's first sign-in, the account is found by the verified e-mail
and the subject is stored in the account. Accounts are created only for e-mail domains listed in OIDC_DOMAINS. With
OIDC_ROLES the provider's groups determine the roles at each sign-in.
"""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.errors.staff import LastAdministrator, ProviderRefused, StaffInvalid
from bot.core.logs import log
from bot.core.roles import AGENT, role_table
from bot.core.settings import Settings
from bot.desk.auth.account_changes import StaffChange, change_staff, shut_out
from bot.desk.auth.accounts import MAX_NAME_CHARACTERS, StaffMember, checked_email
from bot.desk.auth.audit import Action, add_audit
from bot.desk.auth.oidc import Identity
from bot.desk.auth.passwords import Passwords
from bot.record.engine import Sessions
from bot.record.tables import Staff


class OidcAccounts:
    """Maps identities to accounts; ``settings`` list the allowed domains and the role of each group."""

    def __init__(self, sessions: Sessions, settings: Settings) -> None:
        self._sessions = sessions
        self._issuer = settings.oidc_issuer
        self._domains = frozenset(settings.oidc_domains)
        self._claim = settings.oidc_role_claim
        self._roles = settings.oidc_roles

    async def account_for(self, identity: Identity) -> StaffMember:
        """Returns the person's account; creates it if needed, and with OIDC_ROLES updates its roles.

        The last administrator keeps the role. Raises ProviderRefused if no group grants a role, if the account is
        deactivated or has another subject, or if an account is needed but may not be created. Whose groups grant no
        role loses the password and the sessions, too: else the account would keep its roles there.
        """
        roles = self._roles_of(identity)
        if self._roles and not roles:
            await self._shut_out(identity)
            raise ProviderRefused(reason="no role")
        staff = await self._bound(identity) or await self._create(identity, roles or (AGENT,))
        if self._roles and set(roles) != set(staff.roles):
            return await self._with_roles(staff, roles)
        return staff

    def _roles_of(self, identity: Identity) -> tuple[str, ...]:
        """Returns the roles that the person's groups grant; () without OIDC_ROLES."""
        if not self._roles:
            return ()
        claim = identity.claims.get(self._claim)
        groups = {str(one) for one in (claim if isinstance(claim, list) else [claim])}
        return tuple(role for role in role_table() if any(self._roles.get(group) == role for group in groups))

    async def _shut_out(self, identity: Identity) -> None:
        bound = select(Staff.id).where(Staff.oidc_subject == self._name_of(identity))
        async with self._sessions() as session:
            staff = await session.scalar(bound)
        if staff:
            await shut_out(self._sessions, staff, await _no_password())

    def _name_of(self, identity: Identity) -> str:
        return f"{self._issuer} {identity.subject}"

    async def _bound(self, identity: Identity) -> StaffMember | None:
        """Returns the account with the person's subject or e-mail, or None; stores the subject if the account has none.

        Raises ProviderRefused if the account is deactivated or has another subject.
        """
        name = self._name_of(identity)
        async with self._sessions.begin() as session:
            row = await session.scalar(select(Staff).where(Staff.oidc_subject == name))
            if row is None:
                row = await session.scalar(select(Staff).where(Staff.email == identity.email).with_for_update())
                if row is None:
                    return None
                await self._bind(session, row, name)
            if not row.active:
                raise ProviderRefused(reason="deactivated")
            return StaffMember.from_row(row)

    async def _bind(self, session: AsyncSession, row: Staff, name: str) -> None:
        if row.oidc_subject is not None:
            raise ProviderRefused(reason="bound to somebody else")
        row.oidc_subject = name
        if row.must_change_password:  # the provider identifies the person, so the one-time password is obsolete
            row.password_hash, row.must_change_password, row.password_expires_at = await _no_password(), False, None
        add_audit(session, Action.OIDC_BOUND, staff_id=row.id, subject=str(row.id))

    async def _create(self, identity: Identity, roles: tuple[str, ...]) -> StaffMember:
        if identity.email.rpartition("@")[2] not in self._domains:
            raise ProviderRefused(reason="no account")
        try:
            row = Staff(
                email=checked_email(identity.email),
                name=" ".join(identity.name.split())[:MAX_NAME_CHARACTERS] or identity.email,
                password_hash=await _no_password(),
                must_change_password=False,
                roles=list(roles),
                oidc_subject=self._name_of(identity),
            )
            async with self._sessions.begin() as session:
                session.add(row)
                await session.flush()
                add_audit(session, Action.STAFF_ADDED, staff_id=None, subject=str(row.id), roles=list(roles), by="oidc")
        except (IntegrityError, StaffInvalid) as error:
            raise ProviderRefused(reason="account not made") from error
        return StaffMember.from_row(row)

    async def _with_roles(self, staff: StaffMember, roles: tuple[str, ...]) -> StaffMember:
        try:
            await change_staff(self._sessions, staff.email, StaffChange(roles=roles))
        except LastAdministrator:
            log.warning("oidc: last administrator keeps the role", staff=str(staff.id))
        async with self._sessions() as session:
            return StaffMember.from_row(await session.get_one(Staff, staff.id))


async def _no_password() -> str:
    """Returns the hash of a discarded random password, so that no password works until a reset."""
    return await Passwords().hash(secrets.token_urlsafe())
