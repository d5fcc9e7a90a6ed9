"""Tests that a start without the key of the texts in Valkey is refused, and how the operator can continue."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from pydantic import SecretStr
from rich.console import Console
from typer.testing import CliRunner, Result

from bot.agency.model import load_agency
from bot.app.services import Services
from bot.cli.data import _with_data
from bot.cli.embedded_valkey import with_valkey
from bot.cli.main import app as ventanilla
from bot.core.messages import Channel, CitizenMessage
from bot.core.settings import ROOT, Settings
from bot.run import start
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.valkey import valkey_part, valkey_url
from bot.store import keys
from bot.store.client import Store
from bot.store.words import words_key_id
from bot.store.words_keys import WordsKeyMissing, with_client
from tests.bot_process import bot_process
from tests.eventually import eventually
from tests.no_record import SECRET, mailbox_of
from tests.parts import patient

WORDS, NEW, ID = "vivo en Prat 9", "n" * 40, words_key_id("s" * 40)


def command(home: Path, *words: str, **environment: str) -> Result:
    given = {"VENTANILLA_HOME": str(home), "COLUMNS": "400", "VENTANILLA_SECRET": NEW, "REDIS_URL": ""} | environment
    return CliRunner().invoke(ventanilla, list(words), env=given)


async def said(redis: Store) -> None:
    await mailbox_of(redis).accept(CitizenMessage("c1", Channel.WEB, "m1", WORDS, at=0))


async def test_service_is_refused_and_the_error_says_what_to_do(redis: Store, redis_url: str, tmp_path: Path) -> None:
    await said(redis)
    for service in ("web", "worker"):
        told = await asyncio.to_thread(command, tmp_path, "serve", service, REDIS_URL=redis_url)
        assert told.exit_code == 1
        assert f"{ID} (3)" in told.stderr
        assert f"ventanilla secret lost {ID}" in told.stderr
    told = await asyncio.to_thread(command, tmp_path, "doctor", REDIS_URL=redis_url)
    assert f"ventanilla secret lost {ID}" in " ".join(told.stdout.split())


async def test_words_are_given_up_only_by_the_command(redis: Store, redis_url: str, tmp_path: Path) -> None:
    await said(redis)
    told = await asyncio.to_thread(command, tmp_path, "secret", "lost", "00000000", "--si", REDIS_URL=redis_url)
    assert told.exit_code == 1
    told = await asyncio.to_thread(command, tmp_path, "secret", "lost", ID, "--si", REDIS_URL=redis_url)
    assert "3 textos" in told.stdout
    told = await asyncio.to_thread(command, tmp_path, "secret", "lost", ID, "--si", REDIS_URL=redis_url)
    assert told.exit_code == 1  # given up already


def test_words_in_the_embedded_valkey_are_given_up_while_the_system_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps({"redis": "r" * 40}))
    port = free_port()
    part = Running(patient(valkey_part(tmp_path, port, "r" * 40)))
    part.wait_healthy()
    asyncio.run(with_client(valkey_url(port, "r" * 40), SECRET, said))
    part.stop()
    assert "3 textos" in command(tmp_path, "secret", "lost", ID, "--si").stdout
    config = Settings(VENTANILLA_HOME=tmp_path, VENTANILLA_SECRET=SecretStr(NEW))  # type: ignore[arg-type]
    assert with_valkey(config, lambda redis: redis.smembers(keys.WORDS_LOST)) == {ID}


async def test_killed_bot_that_comes_back_with_another_secret_and_then_its_own_loses_no_word(
    tmp_path: Path, empty_database_url: str
) -> None:
    with bot_process(tmp_path, empty_database_url) as bot:
        async with httpx.AsyncClient(base_url=bot.url, timeout=30) as client:
            token = (await client.post("/api/chat")).json()["token"]
            of_chat = {"Authorization": f"Bearer {token}"}

            async def texts() -> list[str]:
                found = await client.get("/api/chat/messages", headers=of_chat)
                return [one["text"] for one in found.json()["events"]]

            sent = {"id": "m-12345678", "text": f"{WORDS} uno"}
            assert (await client.post("/api/chat/messages", json=sent, headers=of_chat)).is_success
            bot.bot.process.kill()
            await asyncio.to_thread(bot.bot.process.wait)
            with pytest.raises(WordsKeyMissing):
                await started(tmp_path, bot.redis_url, empty_database_url, NEW)
            await started(tmp_path, bot.redis_url, empty_database_url, f"{NEW},2020-01-01:{SECRET}")
            bot.bot.restart()
            await asyncio.to_thread(bot.bot.wait_healthy)

            async def is_answered() -> bool:
                said = await texts()
                return any(one.startswith("eco: ") for one in said) and f"{WORDS} uno" in said

            await eventually(is_answered)


async def started(home: Path, redis_url: str, database_url: str, secret: str) -> None:
    """Starts the services with this secret, as a bot does before it serves requests."""
    given = {
        "VENTANILLA_HOME": home,
        "AGENCY_FILE": ROOT / "agency.yml",
        "VENTANILLA_SECRET": SecretStr(secret),
        "REDIS_URL": SecretStr(redis_url),
        "DATABASE_URL": SecretStr(database_url),
    }
    services = Services.from_settings(Settings(**given))  # type: ignore[arg-type]
    try:
        await services.start()
    finally:
        await services.close()


async def test_commands_about_data_read_words_that_were_given_up_as_empty(
    redis: Store, redis_url: str, database_url: str, tmp_path: Path
) -> None:
    await said(redis)
    await redis.sadd(keys.WORDS_LOST, ID)
    given = {"REDIS_URL": redis_url, "DATABASE_URL": database_url, "RASA_DATABASE_URL": database_url}
    config = Settings(VENTANILLA_HOME=tmp_path, VENTANILLA_SECRET=NEW, **given)  # type: ignore[arg-type]
    events = await asyncio.to_thread(_with_data, config, lambda data: data.stored.events("c1"))
    assert [one.text for one in events] == [""]


class Reached(Exception):
    """Raised if the start continues."""


def test_start_goes_on_while_a_redis_elsewhere_is_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def reached(_settings: Settings) -> None:
        raise Reached

    monkeypatch.setattr(start, "gather_alone", reached)
    url = f"redis://127.0.0.1:{free_port()}"
    config = Settings(VENTANILLA_HOME=tmp_path, VENTANILLA_SECRET=NEW, REDIS_URL=url)  # type: ignore[arg-type]
    system = SimpleNamespace(start_stores=lambda: None, redis_url=url)
    with pytest.raises(Reached):
        start._bring_up(system, config, load_agency(ROOT / "agency.yml"), Console(quiet=True))  # type: ignore[arg-type]
