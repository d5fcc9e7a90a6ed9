"""Tests which account an OpenID identity gets: bound once, created only for listed domains, roles by groups."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot.core.errors.staff import ProviderRefused
from bot.core.settings import Settings
from bot.desk.auth.accounts import MAX_NAME_CHARACTERS, StaffMember
from bot.desk.auth.oidc import Identity
from bot.desk.auth.oidc_accounts import OidcAccounts
from bot.record.engine import Sessions
from bot.record.tables import Audit, Staff, StaffSession
from tests.integration.recorded import person

ISSUER = "https://id.losaromos.example"
DOMAIN = {"OIDC_DOMAINS": "losaromos.example"}
ROLES = {"OIDC_ROLES": "mesa=agent, jefes=supervisor, ti=admin"}


def who(subject: str = "s1", email: str = "p1@x.cl", name: str = "Ana", **claims: Any) -> Identity:
    return Identity(subject, email, name, 0, claims)


async def account(sessions: Sessions, identity: Identity, **settings: Any) -> StaffMember:
    ours = {"OIDC_ISSUER": ISSUER, "OIDC_CLIENT_ID": "us", "PUBLIC_URL": "https://chat.losaromos.example"}
    made = Settings(VENTANILLA_SECRET=SecretStr("s" * 40), **ours, **settings)
    return await OidcAccounts(sessions, made).account_for(identity)


async def refused(sessions: Sessions, identity: Identity, **settings: Any) -> str:
    with pytest.raises(ProviderRefused) as caught:
        await account(sessions, identity, **settings)
    return str(caught.value.facts["reason"])


async def staff(sessions: Sessions) -> list[Staff]:
    async with sessions() as session:
        return list(await session.scalars(select(Staff).order_by(Staff.email)))


async def test_first_sign_in_matches_by_email_and_later_ones_by_subject(database: Sessions) -> None:
    await person(database, 1, "Ana")
    assert (await account(database, who())).id == UUID(int=1)
    assert (await account(database, who(email="new@elsewhere.example"))).id == UUID(int=1)
    assert [row.oidc_subject for row in await staff(database)] == [f"{ISSUER} s1"]


async def test_bound_account_belongs_to_one_identity(database: Sessions) -> None:
    await person(database, 1, "Ana")
    await account(database, who())
    assert await refused(database, who("s2")) == "bound to somebody else"


async def test_concurrent_sign_ins_with_one_email_bind_it_once(database: Sessions) -> None:
    await person(database, 1, "Ana")
    both = await asyncio.gather(*(account(database, who(f"s{n}")) for n in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in both) == ["ProviderRefused"] * 3 + ["StaffMember"]


async def test_deactivated_account_stays_out_whether_bound_or_not(database: Sessions) -> None:
    await person(database, 1, "Ana", active=False)
    assert await refused(database, who()) == "deactivated"
    assert [row.oidc_subject for row in await staff(database)] == [None]


async def test_binding_ends_a_one_time_password_and_leaves_a_chosen_one(database: Sessions) -> None:
    await person(database, 1, "Ana", must_change_password=True)
    await person(database, 2, "Beto", must_change_password=False)
    for number in (1, 2):
        await account(database, who(f"s{number}", f"p{number}@x.cl"))
    ana, beto = await staff(database)
    assert (ana.must_change_password, ana.password_hash != "x", beto.password_hash) == (False, True, "x")


async def test_who_lost_every_group_loses_password_and_sessions_too(database: Sessions) -> None:
    for number in (1, 2, 3):
        await person(database, number, f"P{number}", must_change_password=False, roles=["admin"])
    for number in (1, 2):
        await account(database, who(f"s{number}", f"p{number}@x.cl", groups=["ti"]), **ROLES)
    ends = datetime.now(UTC) + timedelta(hours=1)
    async with database.begin() as session:
        session.add(StaffSession(token_hash="a", staff_id=UUID(int=1), csrf_token="b", expires_at=ends))
    for subject in ("s1", "unknown"):
        assert await refused(database, who(subject, "p3@x.cl", groups=[]), **ROLES) == "no role"
    async with database() as session:
        assert list(await session.scalars(select(StaffSession))) == []
    assert [row.password_hash == "x" for row in await staff(database)] == [False, True, True]


async def test_last_administrator_without_a_group_keeps_the_password(database: Sessions) -> None:
    await person(database, 1, "Ana", must_change_password=False, roles=["admin"])
    await account(database, who(groups=["ti"]), **ROLES)
    assert await refused(database, who(groups=[]), **ROLES) == "no role"
    assert [row.password_hash for row in await staff(database)] == ["x"]


@pytest.mark.parametrize(
    "email",
    ["ana@elsewhere.example", "ana@sub.losaromos.example", "ana@losaromos.example.evil.example"],
)
async def test_unlisted_domain_gets_no_account(database: Sessions, email: str) -> None:
    assert await refused(database, who(email=email), **DOMAIN) == "no account"
    assert await staff(database) == []


@pytest.mark.parametrize(
    "email", ["@losaromos.example", "losaromos.example", "a b@losaromos.example", "a@b@losaromos.example"]
)
async def test_odd_email_of_a_listed_domain_gets_no_account(database: Sessions, email: str) -> None:
    assert await refused(database, who(email=email), **DOMAIN) == "account not made"


async def test_created_account_is_an_agent_with_a_valid_name(database: Sessions) -> None:
    made = await account(database, who(email="ana@losaromos.example", name="ñ" * 5000), **DOMAIN)
    assert (made.roles, len(made.name), made.must_change_password) == (("agent",), MAX_NAME_CHARACTERS, False)
    unnamed = await account(database, who("s2", "beto@losaromos.example", "  "), **DOMAIN)
    assert unnamed.name == "beto@losaromos.example"


async def test_concurrent_first_sign_ins_create_one_account(database: Sessions) -> None:
    identity = who(email="ana@losaromos.example")
    await asyncio.gather(*(account(database, identity, **DOMAIN) for _ in range(4)), return_exceptions=True)
    assert [row.email for row in await staff(database)] == ["ana@losaromos.example"]
    assert (await account(database, identity, **DOMAIN)).email == "ana@losaromos.example"


@pytest.mark.parametrize(
    ("groups", "roles"),
    [("mesa", ("agent",)), (["ti", "mesa"], ("admin", "agent")), (["jefes", "other", 7], ("supervisor",))],
)
async def test_groups_decide_the_roles_at_each_sign_in(database: Sessions, groups: Any, roles: tuple[str, ...]) -> None:
    await person(database, 1, "Ana", roles=["editor"])
    assert sorted((await account(database, who(groups=groups), **ROLES)).roles) == sorted(roles)


@pytest.mark.parametrize("groups", [None, [], "", "nobody", {"mesa": 1}, [["mesa"]], "mesa,ti", 7])
async def test_unknown_groups_admit_no_one_when_groups_decide(database: Sessions, groups: Any) -> None:
    await person(database, 1, "Ana")
    assert await refused(database, who(groups=groups), **ROLES) == "no role"


async def test_last_administrator_keeps_the_role_whatever_the_groups(database: Sessions) -> None:
    await person(database, 1, "Ana", roles=["admin"])
    assert (await account(database, who(groups="mesa"), **ROLES)).roles == ("admin",)


async def test_binding_and_creating_are_audited(database: Sessions) -> None:
    await person(database, 1, "Ana")
    await account(database, who())
    await account(database, who("s2", "ana@losaromos.example"), **DOMAIN)
    async with database() as session:
        assert list(await session.scalars(select(Audit.action).order_by(Audit.id))) == ["oidc_bound", "staff_added"]
