"""Tests unknown addresses: a page for people, JSON for programs."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI, HTTPException

from bot.agency.model import Agency
from bot.app.missing_page import missing_page
from bot.channels.web.site import Site


@pytest.fixture
def client(agency: Agency) -> httpx.AsyncClient:
    app = FastAPI()
    app.add_exception_handler(404, missing_page(Site(agency)))

    @app.get("/api/nobody")
    async def nobody() -> None:
        raise HTTPException(404, detail={"error": "unknown"})

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ventanilla")


async def test_browser_gets_a_page_with_the_way_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/no-existe", headers={"Accept": "text/html,*/*"})
    assert answer.status_code == 404
    assert "Esta página no existe" in answer.text
    assert '<a href="/">' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_program_gets_errors_as_json_and_our_own_refusals_are_unchanged(client: httpx.AsyncClient) -> None:
    answer = await client.get("/no-existe", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
    refused = await client.get("/api/nobody", headers={"Accept": "text/html"})
    assert refused.json() == {"detail": {"error": "unknown"}}
