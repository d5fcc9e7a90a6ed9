"""Tests that the bot's metrics show which part is down, and lack only the metrics of that part."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app.metrics import page_of
from bot.app.services import Services
from bot.core.progress import Progress
from bot.core.settings import ROOT, Settings
from bot.run.ports import free_port


@pytest.fixture(autouse=True)
def _only_the_web(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "")


async def test_page_without_redis_and_rasa(tmp_path: Path, database_url: str) -> None:
    settings = Settings(
        VENTANILLA_HOME=tmp_path,
        AGENCY_FILE=ROOT / "agency.yml",
        REDIS_URL=SecretStr(f"redis://127.0.0.1:{free_port()}"),
        DATABASE_URL=SecretStr(database_url),
        RASA_URL=f"http://127.0.0.1:{free_port()}",
        VENTANILLA_SECRET=SecretStr("s" * 40),
    )
    services = Services.from_settings(settings)
    text = (await page_of(services, Progress()).text()).decode()
    await services.close()
    values = dict(re.findall(r'^ventanilla_(?:part_up|source_read)\{\w+="(\w+)"\} (\S+)$', text, re.MULTILINE))
    assert values == {
        "redis": "0.0",
        "postgres": "1.0",
        "rasa": "0.0",
        "store": "0.0",
        "parts": "1.0",
        "tasks": "1.0",
        "disk": "1.0",
        "log": "1.0",
    }
    assert "\nventanilla_inbox_oldest_seconds " not in text
