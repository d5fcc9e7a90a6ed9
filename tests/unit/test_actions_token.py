"""Tests that the action server answers only requests with its token."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from pydantic import ValidationError
from sanic import Sanic

from actions.server import build_server
from actions.serving import ActionsAddress
from bot.agency.model import Agency
from bot.core.network import ActionsEndpoint
from bot.run.ports import LOOPBACK, free_port
from tests.eventually import PATIENCE_S
from tests.rasa.scripted_faq import ScriptedFaq

TOKEN = "only-the-bot-and-rasa-know-this-token"
ROUTES = ("webhook", "candidates", "vectors", "try", "effect", "tests", "answer", "danger", "about", "actions", "none")


@pytest_asyncio.fixture(scope="module")
async def url(agency: Agency) -> AsyncIterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sanic, "test_mode", True)  # another test may have built one of the same name
        app = build_server(agency, ScriptedFaq(), TOKEN)
    port = free_port()
    server = await app.create_server(LOOPBACK, port, access_log=False)
    await server.startup()
    await server.start_serving()
    yield f"http://{LOOPBACK}:{port}"
    await server.close()
    Sanic.unregister_app(app)


@pytest.mark.parametrize("sent", [{}, {"X-Actions-Token": ""}, {"X-Actions-Token": TOKEN[:-1]}])
async def test_every_route_but_health_refuses_a_request_without_the_token(url: str, sent: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=url, headers=sent, timeout=PATIENCE_S) as client:
        assert {(await client.post(f"/{route}", json={})).status_code for route in ROUTES} == {401}
        assert (await client.get("/actions")).status_code == 401
        assert (await client.get("/health")).status_code == 200
        assert (await client.post("/health/../candidates", json={})).status_code == 401


async def test_token_that_is_no_text_is_refused(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
        refused = await client.post("/candidates", json={}, headers={b"X-Actions-Token": "ñ".encode("latin-1")})
    assert refused.status_code == 401


async def test_request_with_the_token_is_answered(url: str) -> None:
    async with ActionsEndpoint(url, TOKEN).client(2.0) as client:
        answer = await client.post("/danger", json={"text": ""})
    assert (answer.status_code, answer.json()) == (200, {"danger": None})


def test_endpoint_does_not_show_its_token() -> None:
    assert TOKEN not in repr(ActionsEndpoint("http://actions", TOKEN))


@pytest.mark.parametrize("token", [None, "", "short"])
def test_action_server_without_a_token_does_not_start(monkeypatch: pytest.MonkeyPatch, token: str | None) -> None:
    monkeypatch.setenv("ACTIONS_PORT", "5055")
    monkeypatch.delenv("ACTIONS_TOKEN", raising=False)
    if token is not None:
        monkeypatch.setenv("ACTIONS_TOKEN", token)
    with pytest.raises(ValidationError, match="ACTIONS_TOKEN"):
        ActionsAddress(_env_file=None)  # type: ignore[call-arg]
