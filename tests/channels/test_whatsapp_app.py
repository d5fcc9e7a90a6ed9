"""Tests the whole bot with WhatsApp while Rasa is stopped: quick acknowledgements, and a notice to the citizen."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from bot.agency.model import Agency
from bot.app.main import create_app
from bot.app.services import Services
from bot.channels.whatsapp.signature import FORM, Fields
from bot.core.settings import Settings
from bot.run.ports import free_port
from bot.turns import rasa_client
from tests.channels.twilio_peer import SENDER, SID, TOKEN, TwilioPeer
from tests.channels.whatsapp_stand import PATH, PUBLIC, sid
from tests.desk_world import served
from tests.eventually import PATIENCE_S, eventually

MESSAGES = 30


def settings_of(home: Path, redis_url: str, database_url: str) -> Settings:
    return Settings(
        VENTANILLA_HOME=home,
        REDIS_URL=SecretStr(redis_url),
        DATABASE_URL=SecretStr(database_url),
        RASA_URL=f"http://127.0.0.1:{free_port()}",
        PUBLIC_URL=PUBLIC,
        VENTANILLA_SECRET=SecretStr("s" * 40),
    )


def signed(number: int, text: str) -> dict[str, Any]:
    """Builds a signed Twilio request from the citizen with this number."""
    fields = {
        "MessageSid": sid(number),
        "From": f"whatsapp:+569{number:08d}",
        "To": SENDER,
        "NumMedia": "0",
        "Body": text,
    }
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + PATH, Fields(list(fields.items())))
    return {"content": urlencode(fields), "headers": {"X-Twilio-Signature": signature, "Content-Type": FORM}}


async def test_citizen_gets_a_notice_while_rasa_is_stopped(
    redis: Any,
    redis_url: str,
    database: Any,
    database_url: str,
    agency: Agency,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rasa_client, "ANSWER_TIMEOUT_S", 1.0)  # else 30 messages take most of ``eventually``'s limit
    peer = TwilioPeer()
    for name, value in {"ACCOUNT_SID": SID, "AUTH_TOKEN": TOKEN, "WHATSAPP_FROM": SENDER}.items():
        monkeypatch.setenv(f"TWILIO_{name}", value)
    async with served(peer.app()) as twilio:  # type: ignore[arg-type]
        monkeypatch.setenv("TWILIO_API_URL", twilio)
        app = create_app(Services.from_settings(settings_of(tmp_path, redis_url, database_url)))
        async with (
            app.router.lifespan_context(app),
            served(app) as url,
            httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client,
        ):
            for number in range(1, MESSAGES + 1):
                answer = await client.post(PATH, **signed(number, "¿cómo renuevo mi licencia de conducir?"))
                assert answer.status_code == 200
            assert (await client.post(PATH, content="Body=x", headers={"Content-Type": FORM})).status_code == 403
            await eventually(
                lambda: sum(agency.say("error_asistente") in one.get("Body", "") for one in peer.sent) >= MESSAGES
            )
    assert peer.refused == []
