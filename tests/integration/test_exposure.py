"""Tests that the whole running app reveals nothing about its construction: files, folders, methods, errors."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from bot.app.headers import HSTS, SUBDOMAINS
from bot.app.main import create_app
from bot.app.services import Services
from bot.core.settings import ROOT, Settings
from bot.run.ports import free_port
from tests.desk_world import served
from tests.eventually import PATIENCE_S


@pytest_asyncio.fixture
async def site(
    request: Any, tmp_path: Path, redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """Yields a client without a session on the whole app: chat, desk, public pages and health.

    The parameter is PUBLIC_URL; without a parameter, it is empty.
    """
    monkeypatch.setenv("TELEGRAM_TOKEN", "")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "")
    settings = Settings(
        VENTANILLA_HOME=tmp_path,
        AGENCY_FILE=ROOT / "agency.yml",
        REDIS_URL=SecretStr(redis_url),
        DATABASE_URL=SecretStr(database_url),
        RASA_URL=f"http://127.0.0.1:{free_port()}",
        VENTANILLA_SECRET=SecretStr("s" * 40),
        PUBLIC_URL=getattr(request, "param", ""),
        DISK_FLOOR_MB=0,
    )
    services = Services.from_settings(settings)
    app = create_app(services)
    assert not app.debug
    async with served(app) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
        yield client
    await services.close()


INSIDE = (".git/HEAD", ".git/config", "agency.yml", "pyproject.toml", "bot/core/roles.yml", "secrets.json", ".env")
PLACES = (
    "/",
    "/desk/static/",
    "/desk/static/..%2f..%2f..%2f",
    "/widget/",
    "/widget/..%2f..%2f",
    "/%2e%2e/",
    "/tramites/",
)


async def test_nothing_of_the_repository_is_served(site: httpx.AsyncClient) -> None:
    served = {place + name: (await site.get(place + name)).status_code for place in PLACES for name in INSIDE}
    assert {path: status for path, status in served.items() if status != 404} == {}


async def test_folders_are_not_listed(site: httpx.AsyncClient) -> None:
    for folder in ("/desk/static", "/desk/static/", "/widget", "/widget/", "/archivos", "/archivos/"):
        answer = await site.get(folder, headers={"Accept": "application/json"})
        assert (folder, answer.status_code) == (folder, 404)
    assert (await site.get("/desk/static/desk.js")).status_code == 200


async def test_trace_is_refused(site: httpx.AsyncClient) -> None:
    for path in ("/", "/desk/login", "/api/chat", "/healthz"):
        answer = await site.request("TRACE", path, headers={"X-Echo": "secreto"})
        assert (path, answer.status_code) == (path, 405)
        assert "secreto" not in answer.text


async def test_interactive_documentation_is_off(site: httpx.AsyncClient) -> None:
    for path in ("/docs", "/redoc", "/metrics", "/debug"):
        assert (path, (await site.get(path)).status_code) == (path, 404)
    described = (await site.get("/openapi.json")).json()["paths"]
    assert described
    assert [path for path in described if not path.startswith("/api/chat")] == []


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes every request with a session of staff fail unexpectedly."""

    async def fail(*_given: Any) -> None:
        raise ValueError("secreto de adentro")

    monkeypatch.setattr("bot.desk.auth.sessions.StaffSessions.find", fail)


@pytest.mark.usefixtures("broken")
async def test_errors_show_nothing_of_the_inside(site: httpx.AsyncClient) -> None:
    answer = await site.get("/desk", cookies={"ventanilla": "x"})
    assert answer.status_code == 500
    assert "secreto" not in answer.text
    assert "Traceback" not in answer.text


ANSWERS: list[tuple[int, str, dict[str, str]]] = [
    (200, "/", {}),
    (200, "/healthz", {}),
    (200, "/desk/login", {}),
    (200, "/api/chat/config", {}),
    (303, "/desk", {}),
    (403, "/api/chat/config", {"Origin": "https://evil.example"}),
    (404, "/nada", {"Accept": "text/html"}),
    (405, "/api/chat", {}),
    (421, "/", {"Host": "evil.example"}),
    (500, "/desk", {"Accept": "text/html", "Cookie": "__Host-ventanilla=x"}),
]


POLICY = {"default-src 'none'", "base-uri 'none'", "frame-ancestors "}
REFERRERS = {"no-referrer", "same-origin", "strict-origin-when-cross-origin"}


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("site", ["https://chat.losaromos.example"], indirect=True)
async def test_every_response_has_the_security_headers(site: httpx.AsyncClient) -> None:
    for status, path, headers in ANSWERS:
        answer = await site.get(path, headers=headers)
        told = answer.headers
        assert (path, answer.status_code) == (path, status)
        assert (path, told.get("X-Content-Type-Options")) == (path, "nosniff")
        assert (path, told.get("Strict-Transport-Security")) == (path, HSTS + SUBDOMAINS)
        policy = told.get("Content-Security-Policy", "")
        assert (path, {one for one in POLICY if one in policy}) == (path, POLICY)
        assert (path, told.get("Referrer-Policy") in REFERRERS) == (path, True)


# Their secret opens them, for a time.
LINKS = ("/mis-datos#{}", "/mis-datos/{}", "/archivos/{}/carta.pdf", "/visto-bueno/{}")


async def test_secret_of_a_link_reaches_no_other_site_no_cache_and_no_log(
    site: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    for number, path in enumerate(LINKS):
        told = (await site.get(path.format(f"secreto{number}"))).headers
        assert (path, told["Referrer-Policy"] in {"no-referrer", "same-origin"}) == (path, True)
        assert (path, "no-store" in told["Cache-Control"]) == (path, True)
    lines = [one for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]  # those of the test
    ours = [one.getMessage() + str(vars(one)) for one in lines]
    assert "secreto" not in "".join((*ours, *capfd.readouterr()))
    assert "access_log=False" in (ROOT / "bot" / "app" / "serving.py").read_text("utf-8")
    assert re.search(r"^\s*log\b", (ROOT / "deploy" / "Caddyfile").read_text("utf-8"), re.MULTILINE) is None
