"""Tests suggestions from the action server; any failure there means no suggestions."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI, Response

from bot.core.messages import Candidate
from bot.core.network import ActionsEndpoint
from bot.desk.api.suggestions import Suggested, Suggestions
from tests.desk_world import served

ONE = {"entry": "bache", "question": "¿Hoyo?", "confidence": 0.9}


class Server:
    """Serves the action server's ``/candidates`` on a free port: responds ``said`` with ``status``."""

    def __init__(self) -> None:
        self.said: Any = {"candidates": [ONE], "offer": 0.3}
        self.status, self.url = 200, ""
        self.asked: list[str] = []

    async def candidates(self, asked: dict[str, str]) -> Response:
        self.asked.append(asked["text"])
        content = self.said if isinstance(self.said, str) else json.dumps(self.said)
        return Response(content, self.status, media_type="application/json")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    made, app = Server(), FastAPI()
    app.add_api_route("/candidates", made.candidates, methods=["POST"])
    async with served(app) as made.url:
        yield made


async def test_likely_entries_are_returned_unchanged(server: Server) -> None:
    found = Suggested((Candidate("bache", "¿Hoyo?", 0.9),), 0.3)
    assert await Suggestions(ActionsEndpoint(server.url)).of("hay un hoyo ñ 🦙") == found
    assert server.asked == ["hay un hoyo ñ 🦙"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, {}),
        (200, "no json"),
        (200, {}),
        (200, []),
        (200, {"candidates": None}),
        (200, {"candidates": [{"entry": "bache"}]}),
        (200, {"candidates": ["bache"]}),
        (200, {"candidates": [ONE | {"new": 1}]}),
        (302, {}),
    ],
)
async def test_invalid_response_gives_no_suggestions(server: Server, status: int, said: Any) -> None:
    server.status, server.said = status, said
    assert await Suggestions(ActionsEndpoint(server.url)).of("hola") == Suggested()


@pytest.mark.parametrize("text", ["", "  ", "\n"])
async def test_empty_text_sends_no_request(server: Server, text: str) -> None:
    assert await Suggestions(ActionsEndpoint(server.url)).of(text) == Suggested()
    assert server.asked == []


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:1", "no address"])
async def test_without_a_server_there_are_no_suggestions(url: str) -> None:
    assert await Suggestions(ActionsEndpoint(url)).of("hola") == Suggested()


def test_only_entries_from_the_offer_threshold_up_are_offered() -> None:
    near, far = Candidate("bache", "¿Hoyo?", 0.3), Candidate("aseo", "¿Camión?", 0.03)
    assert Suggested((near, far), 0.3).offered == (near,)
    assert Suggested((far,), 0.3).offered == ()
