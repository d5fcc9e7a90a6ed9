"""Tests that the action server answers only who sends its token."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import httpx
import pytest
from pydantic import ValidationError

from actions.serving import ActionsAddress
from bot.core.network import ActionsEndpoint
from bot.run.part import Part, Running
from bot.run.ports import LOOPBACK, free_port
from bot.run.rasa_part import answers
from tests.faq_files import ROOT
from tests.parts import patient

TOKEN = "only-the-bot-and-rasa-know-this-token"
ROUTES = ("webhook", "candidates", "vectors", "try", "effect", "tests", "answer", "danger", "about", "actions", "none")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    part = Part(
        name="actions",
        command=[sys.executable, "-m", "tests.rasa.scripted_faq"],
        log=tmp_path_factory.mktemp("actions") / "actions.log",
        healthy=lambda: answers(f"http://{LOOPBACK}:{port}/health"),
        env={**os.environ, "ACTIONS_PORT": str(port), "ACTIONS_TOKEN": TOKEN, "PYTHONPATH": str(ROOT)},
    )
    running = Running(patient(part))
    running.wait_healthy()
    yield f"http://{LOOPBACK}:{port}"
    running.stop()


@pytest.mark.parametrize("sent", [{}, {"X-Actions-Token": ""}, {"X-Actions-Token": TOKEN[:-1]}])
def test_every_route_but_health_refuses_who_does_not_know_the_token(url: str, sent: dict[str, str]) -> None:
    with httpx.Client(base_url=url, headers=sent) as client:
        assert {client.post(f"/{route}", json={}).status_code for route in ROUTES} == {401}
        assert client.get("/actions").status_code == 401
        assert client.get("/health").status_code == 200
        assert client.post("/health/../candidates", json={}).status_code == 401


def test_token_that_is_no_text_is_refused(url: str) -> None:
    with httpx.Client(base_url=url) as client:
        refused = client.post("/candidates", json={}, headers={b"X-Actions-Token": "ñ".encode("latin-1")})
    assert refused.status_code == 401


async def test_who_sends_the_token_is_answered(url: str) -> None:
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
