"""Tests which hosts are ours, and the warning of cookies that are not ``Secure``."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from bot.app.hosts import REFUSED, KnownHosts


async def page(_request: Request) -> Response:
    return PlainTextResponse("hola")


async def get(host: str, *, public_url: str, path: str = "/page", scheme: str = "http", times: int = 1) -> int:
    app = Starlette(routes=[Route("/page", page), Route("/healthz", page)])
    app.add_middleware(KnownHosts, public_url=public_url)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"{scheme}://bot") as client:
        for _ in range(times):
            answer = await client.get(path, headers={"Host": host})
    return answer.status_code


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("chat.muni.cl", 200),
        ("CHAT.muni.cl:443", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("evil.example", REFUSED),
        ("chat.muni.cl.evil.example", REFUSED),
        ("chat.muni.cl@evil.example", REFUSED),
    ],
)
async def test_only_our_hosts_are_served(host: str, status: int) -> None:
    assert await get(host, public_url="https://chat.muni.cl") == status


async def test_visitor_of_another_host_name_sees_the_right_address() -> None:
    app = Starlette(routes=[Route("/page", page)])
    app.add_middleware(KnownHosts, public_url="https://chat.muni.cl")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        answer = await client.get("/page", headers={"Host": "<b>.example"})
    assert '<a href="https://chat.muni.cl/">https://chat.muni.cl/</a>' in answer.text
    assert "<b>" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_any_host_is_served_without_a_public_url_and_for_health() -> None:
    assert await get("evil.example", public_url="") == 200
    assert await get("web", public_url="https://chat.muni.cl", path="/healthz") == 200


@pytest.mark.parametrize(("public_url", "warnings"), [("", 1), ("https://chat.muni.cl", 0)])
async def test_https_without_secure_cookies_is_warned_of_once(public_url: str, warnings: int) -> None:
    with capture_logs() as logs:
        await get("chat.muni.cl", public_url=public_url, scheme="https", times=2)
    assert len(logs) == warnings
