"""``GET /health`` tells which part is away, and fails only when no message could be kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from bot.app.health import health_router
from bot.app.services import Services
from bot.core.settings import ROOT, Settings
from bot.run.ports import free_port


@pytest.fixture(autouse=True)
def _only_the_web(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "")


async def health(home: Path, redis_url: str, database_url: str) -> tuple[int, dict[str, bool]]:
    """What a process with these stores answers while its Rasa is away."""
    settings = Settings(
        VENTANILLA_HOME=home,
        AGENCY_FILE=ROOT / "agency.yml",
        REDIS_URL=SecretStr(redis_url),
        DATABASE_URL=SecretStr(database_url),
        RASA_URL=f"http://127.0.0.1:{free_port()}",
        VENTANILLA_SECRET=SecretStr("s" * 40),
    )
    services, app = Services.from_settings(settings), FastAPI()
    app.include_router(health_router(services))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        answer = await client.get("/health")
    await services.close()
    return answer.status_code, answer.json()


async def test_a_process_that_can_keep_messages_is_well_though_rasa_is_away(
    tmp_path: Path, redis_url: str, database_url: str
) -> None:
    assert await health(tmp_path, redis_url, database_url) == (200, {"redis": True, "rasa": False, "postgres": True})


async def test_without_redis_it_is_not(tmp_path: Path, database_url: str) -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}"
    assert await health(tmp_path, nowhere, database_url) == (503, {"redis": False, "rasa": False, "postgres": True})


async def test_without_the_record_messages_are_kept_all_the_same(tmp_path: Path, redis: Any, redis_url: str) -> None:
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    assert await health(tmp_path, redis_url, nowhere) == (200, {"redis": True, "rasa": False, "postgres": False})
