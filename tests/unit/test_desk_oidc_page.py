"""Tests the return from the identity provider: works once, begins a new session, redirects to no other site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bot.core.errors.staff import ProviderRefused
from bot.desk.auth.guard import OIDC_BACK, OIDC_LEAVE
from bot.desk.auth.oidc import AuthorizationRequest, Identity
from bot.desk.auth.sign_in import SignIn
from bot.desk.pages.sign_in.oidc import MAX_PARAMETER_CHARACTERS, NEVER, REQUESTS_PER_NETWORK, OidcPage
from tests.desk_fakes import ANA, Audit, Browsers, browsing, gate_of, pages_of, signed_in
from tests.faq_files import agency


@dataclass
class World:
    """A provider that admits Ana, unless ``refuses`` names a step; records its requests."""

    refuses: str = ""
    signed_in_at: int = 1_700_000_000
    volver: str = "/desk/cuenta"
    browsers: Browsers = field(default_factory=Browsers)
    audit: Audit = field(default_factory=Audit)
    asked: list[Any] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    async def leave(self, back_to: str, volver: str, *, again: bool) -> tuple[str, str]:
        self._step("leave")
        self.asked.append((back_to, volver, again))
        return "https://id.example/authorize", "sealed"

    def returned(self, cookie: str, said: Mapping[str, str]) -> AuthorizationRequest:
        self._step("returned")
        self.asked.append((cookie, dict(said)))
        return AuthorizationRequest("state-1", "n", "v", self.volver, "code")

    async def identity(self, _trip: AuthorizationRequest, _back_to: str) -> Identity:
        self._step("identity")
        return Identity("ana", ANA.email, ANA.name, self.signed_in_at, {})

    async def account_for(self, _who: Identity) -> Any:
        self._step("account")
        return ANA

    async def allow(self, name: str, most: int, _seconds: int) -> bool:
        self.states.append(name)
        return self.states.count(name) <= most

    async def once(self, name: str, seconds: int) -> bool:
        return await self.allow(name, 1, seconds)

    async def end(self, token_hash: str) -> None:
        self.ended.append(token_hash)

    async def begin(self, staff: Any, _browser: Any, *, by: str, confirmed_at: datetime) -> SignIn:
        assert by == "oidc"
        self.asked.append((staff.name, confirmed_at))
        return SignIn(token="new", device="", wait_s=0)

    def counter(self, network: str) -> str:
        return f"network {network}"

    def _step(self, name: str) -> None:
        if self.refuses == name:
            raise ProviderRefused(reason=name)

    async def get(self, path: str) -> httpx.Response:
        guard = gate_of(self.browsers)
        auth: Any = SimpleNamespace(audit=self.audit, begin=self.begin, browsers=SimpleNamespace(end=self.end))
        pages = pages_of(guard, agency(), auth)
        page = OidcPage(guard=guard, auth=auth, pages=pages, oidc=self, accounts=self, inbox=self)  # type: ignore[arg-type]
        async with browsing(page) as client:
            client.cookies.set(guard.trip_cookie, "sealed")
            return await client.get(path)


async def test_browser_leaves_with_a_cookie_and_our_return_address() -> None:
    world = World()
    answer = await world.get(f"{OIDC_LEAVE}?volver=/desk/personal&confirmar")
    assert (answer.status_code, answer.headers["location"]) == (303, "https://id.example/authorize")
    assert world.asked == [(f"http://desk.example{OIDC_BACK}", "/desk/personal", True)]
    assert answer.cookies["ventanilla-oidc"] == "sealed"


@pytest.mark.parametrize("volver", ["https://evil.example", "//evil.example", "/desk?x", "nonsense"])
async def test_redirects_lead_to_no_other_site_in_either_direction(volver: str) -> None:
    world = World(volver=volver)
    await world.get(f"{OIDC_LEAVE}?volver={volver}")
    assert world.asked[0][1] == "/desk"
    assert (await world.get(OIDC_BACK)).headers["location"] == "/desk"


async def test_return_begins_a_session_and_deletes_the_cookie() -> None:
    world = World()
    answer = await world.get(f"{OIDC_BACK}?state=state-1&code=c")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/cuenta")
    cookies = answer.headers.get_list("set-cookie")
    assert any(one.startswith("ventanilla=new;") for one in cookies)
    assert any(one.startswith('ventanilla-oidc="";') and "Max-Age=0" in one for one in cookies)


async def test_previous_session_ends() -> None:
    world = World(browsers=Browsers(signed_in()))
    await world.get(OIDC_BACK)
    assert world.ended == ["hash"]


async def test_return_works_once() -> None:
    world = World()
    answers = [(await world.get(OIDC_BACK)).status_code for _ in range(3)]
    assert answers == [303, 403, 403]


@pytest.mark.parametrize("step", ["identity", "account"])
async def test_refusal_begins_no_session_shows_no_reason_and_is_audited(step: str) -> None:
    world = World(refuses=step)
    answer = await world.get(OIDC_BACK)
    assert (answer.status_code, world.audit.actions) == (403, ["sign_in_refused"])
    assert not any(one.startswith("ventanilla=") for one in answer.headers.get_list("set-cookie"))


async def test_unreachable_provider_gives_an_error_message() -> None:
    assert (await World(refuses="leave").get(OIDC_LEAVE)).status_code == 502


async def test_providers_parameters_are_truncated() -> None:
    world = World()
    await world.get(f"{OIDC_BACK}?state={'x' * 9000}")
    assert len(world.asked[0][1]["state"]) == MAX_PARAMETER_CHARACTERS


@pytest.mark.parametrize(("at", "confirmed"), [(0, NEVER), (1_700_000_000, datetime.fromtimestamp(1_700_000_000, UTC))])
async def test_password_counts_as_given_only_when_the_provider_says_so(at: int, confirmed: datetime) -> None:
    world = World(signed_in_at=at)
    await world.get(OIDC_BACK)
    assert world.asked[-1] == (ANA.name, confirmed)


@pytest.mark.parametrize("step", ["returned", "once"])
async def test_return_from_a_trip_that_we_did_not_begin_leaves_no_row_in_the_audit(step: str) -> None:
    world = World(refuses=step)
    if step == "once":
        world.states.append("oidc:state-1")
    assert (await world.get(f"{OIDC_BACK}?state=x")).status_code == 403
    assert world.audit.rows == []


async def test_requests_of_a_network_are_counted_before_the_provider_is_asked() -> None:
    world = World()
    world.states += ["network 203.0.113.9"] * REQUESTS_PER_NETWORK
    answers = [await world.get(path) for path in (OIDC_LEAVE, OIDC_BACK)]
    assert [one.status_code for one in answers] == [502, 403]
    assert world.asked == []
