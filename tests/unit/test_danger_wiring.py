"""Tests that the danger classifier is connected: the action server serves it and the worker requests it."""

from __future__ import annotations

from inspect import getclosurevars
from pathlib import Path

from pydantic import SecretStr

from actions.server import build_server
from bot.agency.model import Agency
from bot.app.services import Services
from bot.app.tasks.worker import worker_of
from bot.core.settings import Settings
from tests.unit.actions_fakes import FakeAnswerer, FakeDecision, FakeFaq


def test_action_server_serves_danger(agency: Agency) -> None:
    server = build_server(agency, FakeFaq(FakeAnswerer(FakeDecision("handoff"))), "token")
    assert {"danger", "candidates", "webhook"} <= {route.path for route in server.router.routes}


async def test_worker_asks_the_action_server(tmp_path: Path) -> None:
    settings = Settings(
        VENTANILLA_HOME=tmp_path,
        VENTANILLA_SECRET=SecretStr("s" * 40),
        ACTIONS_URL="http://actions.example",
        REDIS_URL=SecretStr("redis://127.0.0.1:1"),
        DATABASE_URL=SecretStr("postgresql+psycopg://nobody@127.0.0.1:1/nothing"),
    )
    services = Services.from_settings(settings)
    asked = getclosurevars(worker_of(services)._turns.judge).nonlocals  # other languages first, then the server
    assert services.danger_judge.judge in asked.values()
    await services.close()
