"""Tests signing in with OpenID: with an independent provider, and with a malicious provider."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import RSAKey
from oidc_provider_mock import User, run_server_in_thread
from pydantic import ValidationError
from sqlalchemy import select, update

from bot.agency.model import Agency
from bot.core.settings import Settings
from bot.desk.auth.account_changes import StaffChange, change_staff
from bot.desk.auth.accounts import add_staff, list_staff, staff_id_of
from bot.record.engine import Sessions
from bot.record.tables import Audit, Staff, StaffSession
from tests.desk_world import PASSWORD, DeskWorld, desk_world, served
from tests.eventually import PATIENCE_S
from tests.oidc_peer import CLIENT, SECRET, OidcPeer

ANA, ADMIN = "ana@losaromos.example", "admin@losaromos.example"
LEAVE = "/desk/oidc/entrar"
VERIFIED = {"email": ANA, "email_verified": True, "name": "Ana Soto"}
OURS = {"OIDC_CLIENT_ID": CLIENT, "OIDC_CLIENT_SECRET": SECRET, "OIDC_NAME": "Aromos"}


@pytest_asyncio.fixture
async def peer() -> AsyncIterator[OidcPeer]:
    made = OidcPeer()
    made.claims = dict(VERIFIED)
    async with served(made.app) as made.url:
        yield made


@pytest_asyncio.fixture
async def world(
    request: Any, redis: Any, database: Sessions, agency: Agency, peer: OidcPeer
) -> AsyncIterator[DeskWorld]:
    """Runs a desk that trusts the provider ``peer``; the parameter contains more settings."""
    more = {"OIDC_ISSUER": peer.url} | OURS | getattr(request, "param", {})
    async with desk_world(redis, database, agency, **more) as made:
        await made.hire(ADMIN, "Admin", roles=("admin",))
        yield made


async def go(client: httpx.AsyncClient, path: str = LEAVE) -> httpx.Response:
    """Follows the redirects to the provider and back; returns the last response."""
    leaving = await client.get(path)
    assert leaving.status_code == 303, leaving.text
    async with httpx.AsyncClient(timeout=PATIENCE_S) as outside:
        returning = await outside.get(leaving.headers["location"])
    return await client.get(returning.headers["location"])


async def inside(client: httpx.AsyncClient) -> bool:
    return (await client.get("/desk/api/tickets")).status_code == 200


@pytest.fixture
def provider() -> Iterator[str]:
    """Runs oidc-provider-mock, an independent provider, and yields its URL."""
    people = [User(sub="ana", claims=VERIFIED), User(sub="beto", claims={"email": "beto@losaromos.example"})]
    with run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


async def sign_in_there(client: httpx.AsyncClient, sub: str) -> str:
    """Signs in at the independent provider; returns the URL to which it redirects."""
    leaving = await client.get(f"{LEAVE}?volver=/desk/cuenta")
    async with httpx.AsyncClient(timeout=PATIENCE_S) as outside:
        return str((await outside.post(leaving.headers["location"], data={"sub": sub})).headers["location"])


async def test_real_provider_admits_only_a_verified_email_and_a_code_works_once(
    redis: Any, database: Sessions, agency: Agency, provider: str
) -> None:
    async with desk_world(redis, database, agency, OIDC_ISSUER=provider, **OURS) as world:
        for email, name in ((ANA, "Ana"), ("beto@losaromos.example", "Beto")):
            await world.hire(email, name)
        ana, beto = world.browser(), world.browser()
        assert "Entrar con Aromos" in (await ana.get("/desk/login")).text
        back = await sign_in_there(ana, "ana")
        authorization = dict(ana.cookies)
        done = await ana.get(back)
        assert (done.status_code, done.headers["location"]) == (303, "/desk/cuenta")
        assert await inside(ana)
        thief = world.browser()
        thief.cookies.update(authorization)
        assert (await thief.get(back)).status_code == 403
        refused = await beto.get(await sign_in_there(beto, "beto"))
        assert (refused.status_code, await inside(beto)) == (403, False)


async def test_browser_leaves_with_pkce_state_and_nonce(world: DeskWorld, peer: OidcPeer) -> None:
    await world.hire(ANA, "Ana")
    client = world.browser()
    asked = parse_qs(urlsplit((await client.get(LEAVE)).headers["location"]).query)
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    assert min(len(asked[name][0]) for name in ("state", "nonce", "code_challenge")) >= 30
    assert asked["redirect_uri"] == [f"{world.url}/desk/oidc/vuelta"]
    assert (await go(client)).headers["location"] == "/desk"
    assert await inside(client)


LIES: list[tuple[str, dict[str, Any]]] = [
    ("nonce", {"claims": {"nonce": "another"}}),
    ("no nonce", {"claims": {"nonce": None}}),
    ("issuer", {"claims": {"iss": "https://evil.example"}}),
    ("audience", {"claims": {"aud": "somebody else"}}),
    ("authorized party", {"claims": {"aud": [CLIENT, "x"], "azp": "x"}}),
    ("old", {"claims": {"exp": 1_600_000_000}}),
    ("no end", {"claims": {"exp": None}}),
    ("email not verified", {"claims": {"email_verified": False}}),
    ("email verified in words", {"claims": {"email_verified": "true"}}),
    ("no word of verifying", {"claims": {"email_verified": None}}),
    ("algorithm none", {"algorithm": "none"}),
    ("signed with our secret", {"algorithm": "HS256"}),
    ("signed by another key", {"signer": RSAKey.generate_key(2048)}),
    ("description of another issuer", {"issuer_told": "https://evil.example"}),
]


@pytest.mark.parametrize(("lie", "how"), LIES, ids=[lie for lie, _ in LIES])
async def test_forged_token_admits_no_one(world: DeskWorld, peer: OidcPeer, lie: str, how: dict[str, Any]) -> None:
    await world.hire(ANA, "Ana")
    client = world.browser()
    leaving = await client.get(LEAVE)
    for name, value in how.items():
        setattr(peer, name, dict(VERIFIED) | value if name == "claims" else value)
    async with httpx.AsyncClient(timeout=PATIENCE_S) as outside:
        returning = await outside.get(leaving.headers["location"])
    answer = await client.get(returning.headers["location"])
    assert (answer.status_code, "servicio de identidad" in answer.text) == (403, True)
    assert not await inside(client)


@pytest.mark.parametrize(
    "change", ["no state", "another state", "no cookie", "another browser's cookie", "issuer", "error"]
)
async def test_return_that_did_not_begin_here_is_refused(world: DeskWorld, peer: OidcPeer, change: str) -> None:
    await world.hire(ANA, "Ana")
    client, other = world.browser(), world.browser()
    await other.get(LEAVE)
    leaving = await client.get(LEAVE)
    async with httpx.AsyncClient(timeout=PATIENCE_S) as outside:
        back = urlsplit((await outside.get(leaving.headers["location"])).headers["location"])
    said = {key: values[0] for key, values in parse_qs(back.query).items()}
    if change in {"no cookie", "another browser's cookie"}:
        client.cookies.clear()
        if change != "no cookie":
            client.cookies.update(dict(other.cookies))
    changed = {
        "no state": {"state": ""},
        "another state": {"state": "x" * 30},
        "issuer": {"iss": "https://evil.example"},
    }
    said |= changed.get(change, {})
    if change == "error":
        said = {"error": "access_denied", "state": said["state"]}
    assert (await client.get(back.path, params=said)).status_code == 403
    assert not await inside(client)


async def test_return_works_once(world: DeskWorld, peer: OidcPeer) -> None:
    await world.hire(ANA, "Ana")
    client = world.browser()
    leaving = await client.get(LEAVE)
    authorization = dict(client.cookies)
    async with httpx.AsyncClient(timeout=PATIENCE_S) as outside:
        back = (await outside.get(leaving.headers["location"])).headers["location"]
        fresh_code = (await outside.get(leaving.headers["location"])).headers["location"]
    assert (await client.get(back)).status_code == 303
    for address in (back, fresh_code):
        thief = world.browser()
        thief.cookies.update(authorization)
        assert (await thief.get(address)).status_code == 403


async def test_unlisted_domain_gets_no_account(world: DeskWorld, peer: OidcPeer) -> None:
    assert (await go(world.browser())).status_code == 403
    assert [one.email for one in await list_staff(world.sessions)] == [ADMIN]


@pytest.mark.parametrize("world", [{"OIDC_DOMAINS": "losaromos.example, otra.example"}], indirect=True)
async def test_listed_domain_gets_an_account_without_a_password(world: DeskWorld, peer: OidcPeer) -> None:
    client = world.browser()
    assert (await go(client)).status_code == 303
    (ana,) = [one for one in await list_staff(world.sessions) if one.email == ANA]
    assert (ana.name, ana.roles) == ("Ana Soto", ("agent",))
    by_password = await world.browser().post("/desk/login", data={"correo": ANA, "clave": PASSWORD})
    assert by_password.status_code == 401
    peer.claims = VERIFIED | {"sub": "s-2", "email": "eva@evil-losaromos.example"}
    assert (await go(world.browser())).status_code == 403


async def test_account_is_bound_to_the_subject_and_not_to_the_email(world: DeskWorld, peer: OidcPeer) -> None:
    await world.hire(ANA, "Ana")
    await go(world.browser())
    peer.claims = VERIFIED | {"sub": "another person with the old e-mail"}
    assert (await go(world.browser())).status_code == 403
    peer.claims = VERIFIED | {"email": "ana.soto@losaromos.example"}
    client = world.browser()
    assert (await go(client)).status_code == 303
    assert ANA in (await client.get("/desk/cuenta")).text


async def test_deactivated_account_stays_out_and_a_one_time_password_ends(world: DeskWorld, peer: OidcPeer) -> None:
    one_time = await add_staff(world.sessions, ANA, "Ana", ("agent",))
    client = world.browser()
    assert (await go(client)).headers["location"] == "/desk"
    assert await inside(client)
    assert (await world.browser().post("/desk/login", data={"correo": ANA, "clave": one_time})).status_code == 401
    await change_staff(world.sessions, ANA, StaffChange(active=False))
    assert not await inside(client)
    assert (await go(world.browser())).status_code == 403


CHIEFS = {"OIDC_ROLES": "Jefes=supervisor", "OIDC_DOMAINS": "losaromos.example"}


@pytest.mark.parametrize("world", [CHIEFS], indirect=True)
@pytest.mark.parametrize(
    "odd",
    [
        *({"groups": groups} for groups in (5, True, 1.5, None, {"Jefes": 1}, [None, 5, ["Jefes"]], [], "", "\x00")),
        {"sub": "s\x00"},
        {"email": "a\x00na@losaromos.example"},
        {"auth_time": "yesterday"},
        {"auth_time": 1e400},
        {"auth_time": [1]},
    ],
    ids=str,
)
async def test_odd_claims_are_refused(world: DeskWorld, peer: OidcPeer, odd: dict[str, Any]) -> None:
    peer.claims = VERIFIED | {"groups": ["Jefes"]} | odd
    client = world.browser()
    answer = await go(client)
    assert (answer.status_code, "servicio de identidad" in answer.text) == (403, True)


@pytest.mark.parametrize("world", [CHIEFS], indirect=True)
async def test_odd_name_and_time_are_normalized(world: DeskWorld, peer: OidcPeer) -> None:
    peer.claims = VERIFIED | {"groups": ["Jefes", 5], "name": "Ana\x00 Soto", "auth_time": -(10**18)}
    assert (await go(world.browser())).status_code == 303
    assert "Ana Soto" in [one.name for one in await list_staff(world.sessions)]


@pytest.mark.parametrize("world", [{"OIDC_ROLES": "cn=Mesa=agent, Jefes=supervisor,TI=admin"}], indirect=True)
async def test_groups_decide_roles_but_never_remove_the_last_administrator(world: DeskWorld, peer: OidcPeer) -> None:
    await world.hire(ANA, "Ana", roles=("analyst",))
    for groups, roles in ((["cn=Mesa", "Jefes", "x"], ("agent", "supervisor")), ("Jefes", ("supervisor",))):
        peer.claims = VERIFIED | {"groups": groups}
        assert (await go(world.browser())).status_code == 303
        assert next(one.roles for one in await list_staff(world.sessions) if one.email == ANA) == roles
    peer.claims = VERIFIED | {"groups": ["x"]}
    assert (await go(world.browser())).status_code == 403
    peer.claims = VERIFIED | {"sub": "admin", "email": ADMIN, "groups": ["Jefes"]}
    assert (await go(world.browser())).status_code == 303
    assert next(one.roles for one in await list_staff(world.sessions) if one.email == ADMIN) == ("admin",)


async def test_email_may_come_from_userinfo_of_the_same_subject(world: DeskWorld, peer: OidcPeer) -> None:
    await world.hire(ANA, "Ana")
    peer.claims, peer.userinfo = {}, VERIFIED | {"sub": "somebody else"}
    assert (await go(world.browser())).status_code == 403
    peer.userinfo = VERIFIED | {"sub": "s-1"}
    assert (await go(world.browser())).status_code == 303


async def test_dangerous_changes_need_a_recent_sign_in(world: DeskWorld, peer: OidcPeer) -> None:
    peer.claims = VERIFIED | {"email": ADMIN, "auth_time": int(time.time()) - 3600}
    client, one = world.browser(), f"/desk/personal/{await staff_id_of(world.sessions, ADMIN)}"
    await go(client)
    assert (await client.get(one)).headers["location"] == f"/desk/confirmar?volver={one}"
    confirm = (await client.get(f"/desk/confirmar?volver={one}")).text
    assert f'href="{LEAVE}?confirmar&amp;volver={one}"' in confirm
    peer.claims |= {"auth_time": int(time.time())}
    assert (await go(client, f"{LEAVE}?confirmar&volver={one}")).headers["location"] == one
    assert (peer.asked["prompt"], peer.asked["max_age"]) == ("login", "0")
    assert (await client.get(one)).status_code == 200


async def test_second_factor_is_required_here_too(world: DeskWorld, peer: OidcPeer) -> None:
    await world.hire(ANA, "Ana")
    async with world.sessions.begin() as session:
        await session.execute(update(Staff).where(Staff.email == ANA).values(totp_secret="sealed"))
    client = world.browser()
    assert (await go(client)).headers["location"] == "/desk/login/codigo?volver=/desk"
    assert not await inside(client)


async def test_previous_session_ends_and_no_other_site_is_visited(world: DeskWorld, peer: OidcPeer) -> None:
    await world.hire(ANA, "Ana")
    client = world.browser()
    await client.post("/desk/login", data={"correo": ADMIN, "clave": PASSWORD})
    before = client.cookies["ventanilla"]
    done = await go(client, f"{LEAVE}?volver=https://evil.example/")
    assert (done.headers["location"], client.cookies["ventanilla"] != before) == ("/desk", True)
    async with world.sessions() as session:
        owners = list(await session.scalars(select(Staff.email).join(StaffSession)))
        last = await session.scalar(select(Audit.action).order_by(Audit.id.desc()).limit(1))
    assert (owners, last) == ([ANA], "sign_in")


async def test_unresponsive_provider_is_shown_as_such(world: DeskWorld, peer: OidcPeer) -> None:
    peer.issuer_told = "https://evil.example"
    answer = await world.browser().get(LEAVE)
    assert (answer.status_code, "No se pudo hablar con el servicio" in answer.text) == (502, True)


async def test_provider_that_publishes_no_sign_in_address_is_refused(world: DeskWorld, peer: OidcPeer) -> None:
    peer.missing = "authorization_endpoint"
    answer = await world.browser().get(LEAVE)
    assert (answer.status_code, "No se pudo hablar con el servicio" in answer.text) == (502, True)


@pytest.mark.parametrize(("endpoint", "path"), [("token_endpoint", "token"), ("jwks_uri", "keys")])
async def test_nothing_is_sent_to_an_endpoint_in_the_clear(
    world: DeskWorld, peer: OidcPeer, endpoint: str, path: str
) -> None:
    await world.hire(ANA, "Ana")
    same_server = peer.url.replace("127.0.0.1", "0.0.0.0")  # noqa: S104  (another name of this machine)
    peer.elsewhere = {endpoint: f"{same_server}/{path}"}
    client = world.browser()
    assert (await go(client)).status_code == 403
    assert not await inside(client)
    peer.elsewhere = {"authorization_endpoint": f"{same_server}/authorize"}
    assert (await client.get(LEAVE)).status_code == 502


@pytest.mark.parametrize(("endpoint", "path"), [("token_endpoint", "token"), ("jwks_uri", "keys")])
async def test_nothing_is_sent_to_a_host_that_the_settings_do_not_name(
    world: DeskWorld, peer: OidcPeer, endpoint: str, path: str
) -> None:
    await world.hire(ANA, "Ana")
    peer.elsewhere = {endpoint: f"{peer.url.replace('127.0.0.1', 'localhost')}/{path}"}  # another name of this machine
    client = world.browser()
    assert (await go(client)).status_code == 403
    assert not await inside(client)


async def test_no_button_and_no_address_without_a_provider(redis: Any, database: Sessions, agency: Agency) -> None:
    async with desk_world(redis, database, agency) as world:
        assert "Entrar con" not in (await world.browser().get("/desk/login")).text
        assert (await world.browser().get(LEAVE)).status_code == 404


def test_wrong_settings_stop_the_start() -> None:
    for wrong in ({"OIDC_ISSUER": "http://evil.example"}, {"OIDC_ROLES": "x=jefe"}):
        with pytest.raises(ValidationError):
            Settings(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="OIDC_ISSUER needs PUBLIC_URL"):
        Settings(OIDC_ISSUER="https://id.losaromos.example")
    assert Settings(OIDC_ISSUER="https://id.losaromos.example", PUBLIC_URL="https://chat.losaromos.example").oidc_label
    assert Settings(OIDC_ISSUER="http://localhost:8080").oidc_label  # a trial on this machine
    assert Settings(OIDC_DOMAINS="@A.cl, b.cl").oidc_domains == ("a.cl", "b.cl")  # type: ignore[arg-type]
