"""Tests the whole bot with a Telegram token and no public address: it polls Telegram and answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.agency.model import Agency
from bot.app.main import create_app
from bot.app.services import Services
from bot.core.settings import Settings
from bot.run.ports import free_port
from tests.channels.telegram_peer import TOKEN, TelegramPeer, shown
from tests.desk_world import served
from tests.eventually import eventually

ANA = {"id": 1001, "is_bot": False, "first_name": "Ana"}
CHAT = {"id": 1001, "type": "private", "first_name": "Ana"}


async def test_telegram_is_polled_without_a_public_address(
    redis: Any,
    redis_url: str,
    database: Any,
    database_url: str,
    agency: Agency,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    peer = TelegramPeer()
    message = {"message_id": 1, "date": 1764000000, "from": ANA, "chat": CHAT, "text": "¿cómo pago la patente?"}
    peer.updates.append({"update_id": 50, "message": message})
    async with served(peer.app()) as telegram:  # type: ignore[arg-type]
        settings = Settings(
            VENTANILLA_HOME=tmp_path,
            REDIS_URL=SecretStr(redis_url),
            DATABASE_URL=SecretStr(database_url),
            RASA_URL=f"http://127.0.0.1:{free_port()}",
            VENTANILLA_SECRET=SecretStr("s" * 40),
        )
        monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
        monkeypatch.setenv("TELEGRAM_API_URL", telegram)
        app = create_app(Services.from_settings(settings))
        sorry = agency.say("error_asistente").replace("*", "")
        async with app.router.lifespan_context(app):
            await eventually(lambda: any(sorry in shown(call.words)[0] for call in peer.sent()))
    assert peer.refused == []
