"""Tests that refused requests are counted and logged, whatever refused them, and that they cannot fill the log."""

from __future__ import annotations

from collections import defaultdict

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from bot.channels.web.errors import Invalid, UnknownToken, problem
from bot.desk.auth.unavailable import DeskRoute
from bot.metrics import measures
from bot.metrics.measures import REGISTRY, Refusal, count_refusal


@pytest.fixture(autouse=True)
def nothing_logged_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "_unlogged", defaultdict(int))
    monkeypatch.setattr(measures, "_next_line", {})


def counted(what: Refusal) -> float:
    return REGISTRY.get_sample_value("ventanilla_refusals_total", {"what": what.value}) or 0.0


def test_log_has_one_line_a_minute_for_each_kind_with_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(measures.time, "monotonic", lambda: now[0])
    with capture_logs() as lines:
        for _ in range(500):
            count_refusal(Refusal.MESSAGES)
        count_refusal(Refusal.INPUT)
        now[0] += measures.LOGGED_EVERY_S
        count_refusal(Refusal.MESSAGES)
    assert [(one["event"], one["what"], one["count"]) for one in lines] == [
        ("refused", "messages", 1),
        ("refused", "input", 1),
        ("refused", "messages", 500),
    ]


def test_invalid_message_of_the_chat_counts_and_an_expired_token_does_not() -> None:
    before = counted(Refusal.INPUT)
    problem(Invalid())
    problem(UnknownToken())
    assert counted(Refusal.INPUT) - before == 1


def test_invalid_request_of_the_desk_counts_however_it_is_refused() -> None:
    app = FastAPI()

    async def desk(number: int = 0) -> dict[str, int]:
        if number:
            raise HTTPException(number)
        return {}

    route = DeskRoute("/desk/api/x", desk, methods=["GET"], name="x", response_class=app.router.default_response_class)
    app.router.routes.append(route)
    client, before = TestClient(app), counted(Refusal.INPUT)
    statuses = [client.get("/desk/api/x", params={"number": one}).status_code for one in ("", "0", "422", "404")]
    assert statuses == [422, 200, 422, 404]
    assert counted(Refusal.INPUT) - before == 2
