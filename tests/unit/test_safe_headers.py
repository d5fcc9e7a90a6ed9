"""Tests the headers of every response."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bot.app.headers import DRAWING_POLICY, HSTS, POLICY, SUBDOMAINS, SafeHeaders


async def data(_request: Request) -> Response:
    return JSONResponse({}, headers={"X-Content-Type-Options": "own"})


async def drawing(_request: Request) -> Response:
    return Response("<svg>ñ</svg>", media_type="image/svg+xml", headers={"Referrer-Policy": "own"})


async def page(_request: Request) -> Response:
    return HTMLResponse("hola", headers={"Cache-Control": "no-cache", "Content-Security-Policy": "own"})


async def get(path: str, *, public_url: str = "") -> httpx.Headers:
    app = Starlette(routes=[Route("/data", data), Route("/drawing", drawing), Route("/page", page)])
    app.add_middleware(SafeHeaders, public_url=public_url)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        return (await client.get(path)).headers


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/data", {"x-content-type-options": "own", "cache-control": None, "cross-origin-opener-policy": None}),
        ("/page", {"x-content-type-options": "nosniff", "cache-control": "no-cache"}),
        ("/page", {"cross-origin-opener-policy": "same-origin", "content-security-policy": "own"}),
        ("/data", {"content-security-policy": POLICY, "referrer-policy": "same-origin"}),
        ("/drawing", {"content-type": "image/svg+xml; charset=utf-8"}),
        ("/drawing", {"content-security-policy": DRAWING_POLICY, "referrer-policy": "own"}),
        ("/missing", {"x-content-type-options": "nosniff", "cache-control": "no-store"}),
    ],
)
async def test_response_has_what_its_route_did_not_set(path: str, kept: dict[str, str | None]) -> None:
    headers = await get(path)
    assert {name: headers.get(name) for name in kept} == kept


async def test_browsers_stay_with_https_only_where_we_have_it() -> None:
    hosts = (
        "chat.losaromos.example",
        "losaromos.gob.cl",
        "losaromos.example",
        "www.losaromos.example",
        "10.0.0.5",
        "localhost:8443",
    )
    addresses = (*(f"https://{one}" for one in hosts), "http://localhost:8000", "")
    sent = [(await get("/data", public_url=one)).get("strict-transport-security") for one in addresses]
    assert sent == [HSTS + SUBDOMAINS, HSTS, HSTS, HSTS, HSTS, HSTS, None, None]
