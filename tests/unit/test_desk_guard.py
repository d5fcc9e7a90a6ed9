"""Tests the guard of the desk: session, request from the desk's own page, session token, permission."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from fastapi import HTTPException, Request, Response
from structlog.testing import capture_logs

from bot.desk.auth.guard import CONFIRM, PASSWORD, SECOND_FACTOR, SIGN_OUT, Guard, Refused, check_may
from bot.desk.auth.permissions import Permission
from bot.metrics.measures import REGISTRY
from tests.desk_fakes import CSRF, OURS, TOKEN, Browsers, gate_of, signed_in
from tests.rows import each_row


def asked(path: str = "/desk", method: str = "GET", host: str = "desk.example", **headers: str) -> Request:
    """Builds a request with the session's cookie; ``_`` in a header name becomes a hyphen."""
    given = {"host": host, "cookie": f"ventanilla={TOKEN}"} | {
        key.replace("_", "-"): one for key, one in headers.items()
    }
    raw = [(key.encode(), one.encode("latin-1")) for key, one in given.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": raw, "scheme": "http"}
    return Request(scope | {"server": (host, 80), "client": ("2001:db8:1:2::7", 4000)})


async def refusal(coming: Any) -> tuple[int, str]:
    """Waits for a refusal; returns its status and code, or its status and the target of the redirect."""
    with pytest.raises(HTTPException) as caught:
        await coming
    error = caught.value
    if isinstance(error, Refused):
        return error.status_code, dict(error.detail)["error"]  # type: ignore[call-overload]
    return error.status_code, (error.headers or {})["Location"]


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"sec_fetch_site": "same-origin", "origin": "null"},
        {"origin": OURS},
        {"origin": "https://desk.example"},
    ],
)
def test_requests_from_our_own_page_pass(headers: dict[str, str]) -> None:
    gate_of(Browsers()).check_origin(asked(**headers))


@each_row(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "https://evil.example"},
        {"origin": "https://desk.example.evil.example"},
        {"origin": "https://evil.example/desk.example"},
        {"origin": "https://desk.example@evil.example"},
        {"origin": "https://desk.example:8443"},
        {"origin": "http://[::1"},
        {"origin": "http://[desk.example]"},
        {"origin": "é"},
        {"sec_fetch_site": "cross-site", "origin": OURS},
        {"sec_fetch_site": "same-site", "origin": OURS},
        {"sec_fetch_site": ""},
    ],
)
def test_requests_from_another_site_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Refused) as caught:
        gate_of(Browsers()).check_origin(asked(**headers))
    assert (caught.value.status_code, caught.value.detail["error"]) == (403, "other_site")  # type: ignore[index]


def test_public_and_inner_address_are_both_ours_behind_a_proxy() -> None:
    guard = gate_of(Browsers(), public_url="https://atencion.losaromos.example")
    guard.check_origin(asked(host="bot:8000", origin="https://atencion.losaromos.example"))
    guard.check_origin(asked(host="bot:8000", origin="http://bot:8000"))


@pytest.mark.parametrize("token", ["", CSRF[:-1], CSRF + "x", CSRF.upper(), "ñ"])
async def test_change_without_the_session_token_is_refused(token: str) -> None:
    browsers = Browsers(signed_in())
    change = gate_of(browsers).change(asked(method="POST", origin=OURS, x_csrf_token=token))
    assert await refusal(change) == (403, "csrf")
    assert browsers.touched == 0


async def test_change_is_activity_and_reading_is_not() -> None:
    browsers = Browsers(signed_in())
    guard = gate_of(browsers)
    await guard.reading(asked())
    assert browsers.touched == 0
    assert (await guard.change(asked(method="POST", origin=OURS, x_csrf_token=CSRF))).staff.name == "Ana Soto"
    assert browsers.touched == 1


async def test_without_a_session_data_is_refused_and_a_page_leads_to_sign_in() -> None:
    guard = gate_of(Browsers())
    assert await refusal(guard.reading(asked())) == (401, "signed_out")
    assert await refusal(guard.page(asked("/desk/personal"))) == (303, "/desk/login?volver=/desk/personal")
    assert await refusal(guard.page(asked("/desk/personal", "POST"))) == (303, "/desk/login")


async def test_return_path_cannot_be_injected() -> None:
    status, where = await refusal(gate_of(Browsers()).page(asked("/desk/x&volver=//evil Set-Cookie: a")))
    assert status == 303
    assert where == "/desk/login?volver=/desk/x%26volver%3D//evil%20Set-Cookie%3A%20a"


@pytest.mark.parametrize(
    ("account", "error", "page"),
    [
        ({"must_change_password": True}, "password_change", PASSWORD),
        ({}, "second_factor", SECOND_FACTOR),
        ({"must_change_password": True, "has_second_factor": True}, "password_change", PASSWORD),
    ],
)
async def test_account_with_a_missing_step_is_led_there_first(account: dict[str, bool], error: str, page: str) -> None:
    guard = gate_of(Browsers(signed_in("admin", **account)), second_factor=("admin",))
    assert await refusal(guard.reading(asked())) == (403, error)
    assert await refusal(guard.page(asked("/desk/personal"))) == (303, page)
    for path in (page, CONFIRM, SIGN_OUT):
        assert (await guard.page(asked(path))).staff.roles == ("admin",)


async def test_second_factor_is_required_of_the_named_roles_alone() -> None:
    guard = gate_of(Browsers(signed_in("agent", "editor")), second_factor=("admin", "supervisor"))
    await guard.reading(asked())
    assert guard.requires_second_factor(signed_in("agent", "supervisor").staff)


async def test_dangerous_page_asks_for_the_password_unless_recently_given() -> None:
    browsers = Browsers(signed_in("admin"), is_fresh=False)
    guard = gate_of(browsers)
    page = guard.page(asked("/desk/personal/nueva"), Permission.STAFF, fresh=True)
    assert await refusal(page) == (303, f"{CONFIRM}?volver=/desk/personal/nueva")
    browsers.is_fresh = True
    await guard.page(asked("/desk/personal/nueva"), Permission.STAFF, fresh=True)


async def test_forbidden_page_is_refused_before_asking_for_a_password() -> None:
    guard = gate_of(Browsers(signed_in("agent"), is_fresh=False))
    assert await refusal(guard.page(asked(), Permission.STAFF, fresh=True)) == (403, "not_allowed")


async def test_session_that_owes_the_code_is_no_session() -> None:
    guard = gate_of(Browsers(waits=signed_in()))
    assert await guard.signed_in(asked()) is None
    assert await guard.waiting(asked()) is not None


def cookie_of(guard: Guard) -> str:
    response = Response()
    guard.set_session_cookie(response, "t")
    return response.headers["set-cookie"]


def test_cookie_is_hidden_from_scripts_and_bound_to_the_host_behind_https() -> None:
    safe, plain = cookie_of(gate_of(Browsers(), public_url="https://desk.example")), cookie_of(gate_of(Browsers()))
    assert safe.startswith("__Host-ventanilla=t;")
    assert "Secure" in safe and "Path=/" in safe and "Domain" not in safe
    assert plain.startswith("ventanilla=t;") and "Secure" not in plain
    assert all("HttpOnly" in one and "SameSite=lax" in one for one in (safe, plain))


def test_device_is_remembered_only_when_there_is_one() -> None:
    guard, response = gate_of(Browsers()), Response()
    guard.set_session_cookie(response, "t", "d")
    assert [one.partition("=")[0] for one in response.headers.getlist("set-cookie")] == [
        "ventanilla",
        "ventanilla-device",
    ]


def test_browser_is_identified_by_network_user_agent_and_cookie() -> None:
    browser = gate_of(Browsers()).browser(asked(user_agent="Firefox", cookie="ventanilla-device=d"))
    assert (browser.user_agent, browser.network, browser.device) == ("Firefox", "2001:db8:1:2::/64", "d")


@pytest.mark.parametrize("public_url", ["https://desk.example", "https://desk.example/"])
def test_our_own_address_is_the_public_one_or_else_the_requests(public_url: str) -> None:
    assert gate_of(Browsers(), public_url=public_url).own(asked(), "/desk/x") == "https://desk.example/desk/x"
    assert gate_of(Browsers(), public_url="").own(asked(host="inside"), "/desk/x") == "http://inside/desk/x"


def test_refused_permission_is_logged() -> None:
    with capture_logs() as lines, pytest.raises(Refused):
        check_may(signed_in(), Permission.AUDIT)
    (line,) = lines
    assert (line["event"], line["permission"]) == ("desk: permission refused", Permission.AUDIT)
    assert line["staff"] == str(signed_in().staff.id)


def test_change_from_another_site_or_without_the_token_is_counted() -> None:
    counted = partial(REGISTRY.get_sample_value, "ventanilla_refusals_total", {"what": "other_site"})
    before, guard = counted() or 0, gate_of(Browsers())
    with pytest.raises(Refused):
        guard.check_origin(asked(origin="https://evil.example"))
    with pytest.raises(Refused):
        guard.check_token(signed_in(), "guess")
    assert (counted() or 0) - before == 2
