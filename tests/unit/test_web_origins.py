"""Tests that the chat answers this site, listed sites and programs, and refuses other sites' scripts."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.web.origins import WidgetOrigins


async def answer(path: str = "/api/chat/config", method: str = "GET", **headers: str) -> httpx.Response:
    app = FastAPI()

    @app.get("/api/chat/config")
    @app.get("/desk")
    async def handler() -> str:
        return "ok"

    app.add_middleware(WidgetOrigins, allowed=("https://www.losaromos.example/", ""))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://chat.example") as client:
        return await client.request(method, path, headers=headers)


@pytest.mark.parametrize("origin", ["http://chat.example", "https://CHAT.example", "https://www.losaromos.example"])
async def test_own_and_listed_sites_are_answered(origin: str) -> None:
    assert (await answer(origin=origin)).status_code == 200


async def test_programs_without_an_origin_are_answered() -> None:
    assert (await answer()).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://[::1", "http://www.losaromos.example", "https://chat.example@evil"],
)
async def test_other_site_is_refused(origin: str) -> None:
    refused = await answer(origin=origin)
    assert (refused.status_code, refused.json()["code"]) == (403, "bad_origin")


async def test_only_a_listed_site_is_named_to_its_browser() -> None:
    listed = await answer(origin="https://www.losaromos.example", method="OPTIONS")
    assert (listed.status_code, listed.headers["access-control-allow-origin"]) == (204, "https://www.losaromos.example")
    assert "access-control-allow-origin" not in (await answer(origin="http://chat.example")).headers


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://chat.example"}, {"origin": "https://www.losaromos.example"}]
)
async def test_browser_does_not_use_what_it_kept_for_another_site(headers: dict[str, str]) -> None:
    assert (await answer(**headers)).headers["vary"] == "Origin"


async def test_rest_of_the_app_is_unaffected() -> None:
    page = await answer("/desk", origin="https://evil.example")
    assert (page.status_code, "vary" in page.headers) == (200, False)
