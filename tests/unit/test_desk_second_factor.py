"""Tests the second step of signing in, and that staff enable, disable and renew it for themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from bot.desk.auth.guard import CODE, CONFIRM, LOGIN, SECOND_FACTOR
from bot.desk.auth.sign_in import SignIn
from bot.desk.pages.sign_in.second_factor import MAX_CODE_CHARACTERS, SecondFactorPage
from tests.desk_fakes import CSRF, Browsers, browsing, gate_of, pages_of, signed_in
from tests.faq_files import agency


@dataclass
class Auth:
    """A second factor with one right code; records attempts, enrolments and ended sessions."""

    wait_s: int = 0
    tried: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.factor = SimpleNamespace(
            enrol=self.enrol,
            renew_codes=self.renew,
            codes_left=self.left,
            shown=self.shown,
            offer=lambda _staff: "made",
        )
        self.browsers = SimpleNamespace(end_own=self.end_own)

    async def give_code(self, _who: Any, code: str, _browser: Any) -> SignIn:
        self.tried.append(code)
        right = code == "123456" and not self.wait_s
        return SignIn(token="t" if right else "", device="", wait_s=self.wait_s)

    async def enrol(self, _staff: Any, offer: str, code: str) -> list[str] | None:
        self.tried.append(code)
        return ["aaaa-bbbb"] if (offer, code) == ("ours", "123456") else None

    async def renew(self, _staff: Any) -> list[str]:
        self.done.append("renewed")
        return ["cccc-dddd"]

    async def left(self, _staff: Any) -> int:
        return 3

    def shown(self, _staff: Any, offer: str) -> tuple[str, str] | None:
        return ("SECRET", "<svg></svg>") if offer in {"ours", "made"} else None

    async def end_own(self, _who: Any, which: Any) -> int:
        self.done.append(f"ended {which}")
        return 1


async def ask(
    auth: Auth, browsers: Browsers, path: str, form: dict[str, str] | None = None, **guard: Any
) -> httpx.Response:
    made = gate_of(browsers, **guard)
    page = SecondFactorPage(guard=made, auth=auth, pages=pages_of(made, agency()), sessions=None)  # type: ignore[arg-type]
    async with browsing(page) as client:
        return await (client.get(path) if form is None else client.post(path, data={"csrf": CSRF} | form))


WAITS, ANA = Browsers(waits=signed_in()), Browsers(signed_in())


async def test_right_code_signs_in_and_redirects() -> None:
    answer = await ask(Auth(), WAITS, CODE, {"codigo": "123456", "volver": "/desk/cuenta"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/cuenta")
    assert answer.cookies["ventanilla"] == "t"


@pytest.mark.parametrize(
    "volver", ["https://evil.example", "//evil.example", "/desk/../x", "javascript:x", "/desk\\x", ""]
)
async def test_redirect_leads_to_no_other_site(volver: str) -> None:
    answer = await ask(Auth(), WAITS, CODE, {"codigo": "123456", "volver": volver})
    assert answer.headers["location"] == "/desk"
    shown = await ask(Auth(), WAITS, f"{CODE}?volver={volver}")
    assert "evil" not in shown.text


async def test_wrong_code_is_refused_and_too_many_must_wait() -> None:
    assert (await ask(Auth(), WAITS, CODE, {"codigo": "000000"})).status_code == 401
    waiting = await ask(Auth(wait_s=90), WAITS, CODE, {"codigo": "123456"})
    assert (waiting.status_code, "ventanilla" in waiting.cookies) == (429, False)


async def test_overlong_code_is_cut_before_it_is_checked() -> None:
    auth = Auth()
    await ask(auth, WAITS, CODE, {"codigo": "9" * 100_000})
    assert [len(code) for code in auth.tried] == [MAX_CODE_CHARACTERS]


async def test_code_page_needs_the_password_first() -> None:
    auth = Auth()
    for answer in (await ask(auth, Browsers(), CODE), await ask(auth, Browsers(), CODE, {"codigo": "123456"})):
        assert urlsplit(answer.headers["location"]).path == LOGIN
    assert auth.tried == []


async def test_code_from_another_site_or_without_the_token_is_not_checked() -> None:
    auth = Auth()
    assert (await ask(auth, WAITS, CODE, {"codigo": "123456", "csrf": "another"})).status_code == 403
    assert auth.tried == []


async def test_enabling_shows_the_codes_once_and_ends_the_other_sessions() -> None:
    auth = Auth()
    answer = await ask(auth, ANA, SECOND_FACTOR, {"oferta": "ours", "codigo": "123456"})
    assert "aaaa-bbbb" in answer.text
    assert auth.done == ["ended None"]


async def test_wrong_first_code_keeps_the_own_offer_and_replaces_a_foreign_one() -> None:
    for offer, kept in (("ours", "ours"), ("foreign", "made")):
        auth = Auth()
        answer = await ask(auth, ANA, SECOND_FACTOR, {"oferta": offer, "codigo": "000000"})
        assert (answer.status_code, auth.done) == (422, [])
        assert f'value="{kept}"' in answer.text and "foreign" not in answer.text


async def test_new_codes_need_an_enabled_second_factor() -> None:
    auth = Auth()
    has = Browsers(signed_in(has_second_factor=True))
    assert "cccc-dddd" in (await ask(auth, has, SECOND_FACTOR, {"que": "codigos", "seguro": "1"})).text
    assert auth.done == ["renewed"]


@pytest.mark.parametrize("what", ["quitar", "nonsense", ""])
async def test_required_second_factor_cannot_be_disabled(what: str) -> None:
    has = Browsers(signed_in("admin", has_second_factor=True))
    answer = await ask(Auth(), has, SECOND_FACTOR, {"que": what, "seguro": "1"}, second_factor=("admin",))
    assert answer.status_code == 200


async def test_page_asks_for_a_recent_password() -> None:
    stale = Browsers(signed_in(), is_fresh=False)
    for form in (None, {"oferta": "ours", "codigo": "123456"}):
        answer = await ask(Auth(), stale, SECOND_FACTOR, form)
        assert urlsplit(answer.headers["location"]).path == CONFIRM
