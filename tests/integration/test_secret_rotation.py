"""Tests that a rotation of VENTANILLA_SECRET keeps every conversation open, and ends what it must end."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import select, update
from typer.testing import CliRunner, Result

from bot.app.main import create_app
from bot.app.services import Services
from bot.channels.telegram.adapter import SECRET_PURPOSE
from bot.channels.web.chat_limits import name_of
from bot.cli.main import app as ventanilla
from bot.conversation.addresses import Addresses
from bot.conversation.files import COMPLAINT_FILES, FILES_FOLDER, Files
from bot.core.secrets.encryption import Cipher, MasterKeys, Secrets, fingerprint
from bot.core.settings import ROOT, Settings, load_settings
from bot.desk.auth.accounts import add_staff
from bot.privacy.links import PATH, OwnDataLinks
from bot.privacy.renewal import COLUMNS, not_renewed, renew
from bot.record.engine import MASTERS, Sessions, open_database
from bot.record.tables import Base, Conversation, Staff, Subscription
from bot.record.transcripts.keys import ciphers_of, master_keys, writing_cipher
from bot.run.ports import free_port
from tests.desk_world import served
from tests.eventually import PATIENCE_S

AT = datetime.now(UTC)
OLD, NEW = "o" * 40, "n" * 40


def rotated(days: int, *, stolen: bool = False) -> str:
    """Returns the setting with NEW in use, and OLD accepted until ``days`` days from now."""
    return Secrets.of(OLD).rotated(NEW, datetime.now(UTC).date() + timedelta(days=days), stolen=stolen)


@pytest.fixture
def place(tmp_path: Path, redis_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setenv("TELEGRAM_TOKEN", "")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "")
    return {
        "VENTANILLA_HOME": tmp_path,
        "AGENCY_FILE": ROOT / "agency.yml",
        "REDIS_URL": SecretStr(redis_url),
        "DATABASE_URL": SecretStr(database_url),
        "RASA_URL": f"http://127.0.0.1:{free_port()}",
        "DISK_FLOOR_MB": 0,
    }


@asynccontextmanager
async def running(place: dict[str, object], secret: str) -> AsyncIterator[httpx.AsyncClient]:
    """Starts the whole app with this VENTANILLA_SECRET; yields a client."""
    services = Services.from_settings(Settings(VENTANILLA_SECRET=SecretStr(secret), **place))  # type: ignore[arg-type]
    try:
        async with served(create_app(services)) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
            yield client
    finally:
        await services.close()


async def test_link_of_the_old_secret_works_until_its_term_and_the_chat_ever_after(place: dict[str, object]) -> None:
    async with running(place, OLD) as client:
        token = (await client.post("/api/chat")).json()["token"]
    link = OwnDataLinks(Addresses(OLD), "").address(name_of(OLD.encode(), "web", token))
    found = []
    for secret in (rotated(0), rotated(-2)):
        async with running(place, secret) as client:
            chat = await client.get("/api/chat/messages", headers={"Authorization": f"Bearer {token}"})
            page = await client.post(PATH, data={"enlace": link})
            found.append((page.status_code, chat.status_code))
    assert found == [(200, 200), (404, 200)]


async def test_stored_values_are_encrypted_again_and_then_need_no_old_secret(database: Sessions) -> None:
    await add_staff(database, "ana@x.cl", "Ana", ("agent",))
    phone, code = Addresses(OLD).encrypt("+56 9 7654 3211"), Cipher(OLD, "second factor").encrypt("ABCD")
    foreign = Addresses("x" * 40).encrypt("+1")
    async with database.begin() as session:
        session.add(Subscription(conversation_id="a", channel="whatsapp", address=phone, at=AT))
        session.add(Subscription(conversation_id="b", channel="whatsapp", address=foreign, at=AT))
        await session.execute(update(Staff).values(totp_secret=code))
    assert await not_renewed(database, rotated(1)) == 2
    assert await renew(database, rotated(1)) == 2
    assert (await renew(database, rotated(1)), await not_renewed(database, rotated(1))) == (0, 0)
    async with database() as session:
        kept = dict((await session.execute(select(Subscription.conversation_id, Subscription.address))).all())
        factor = await session.scalar(select(Staff.totp_secret))
    assert (Addresses(NEW).decrypt(kept["a"]), kept["b"]) == ("+56 9 7654 3211", foreign)
    assert Cipher(NEW, "second factor").decrypt(factor or "") == "ABCD"


async def test_keys_of_conversations_are_wrapped_again_and_then_need_no_old_secret(
    database: Sessions, database_url: str
) -> None:
    async with database.begin() as session:
        session.info[MASTERS] = MasterKeys(OLD)
        session.add(Conversation(id="c1", channel="web", started_at=AT, last_at=AT))
        await session.flush()
        words = (await writing_cipher(session, "c1")).encrypt("mi rut", "notes c1")
    masters = master_keys(Settings(VENTANILLA_SECRET=SecretStr(rotated(-2, stolen=True))))
    engine, sessions = open_database(database_url, masters=masters)
    assert (await not_renewed(sessions, rotated(1)), await renew(sessions, rotated(1))) == (1, 1)
    assert (await renew(sessions, rotated(1)), await not_renewed(sessions, rotated(1))) == (0, 0)
    await engine.dispose()
    async with database() as session:
        session.info[MASTERS] = MasterKeys(NEW)
        (cipher,) = (await ciphers_of(session, ["c1"])).values()
    assert cipher.decrypt(words, "notes c1") == "mi rut"
    assert masters.search_term("agua") == MasterKeys(OLD).search_term("agua")


def test_every_column_with_encrypted_values_is_renewed() -> None:
    encrypted = re.compile(r"totp_secret|encrypted|address")
    columns = {f"{table.name}.{one.name}" for table in Base.metadata.sorted_tables for one in table.columns}
    renewed = {f"{one.class_.__tablename__}.{one.key}" for one, _ in COLUMNS}
    assert {name for name in columns if encrypted.fullmatch(name.partition(".")[2])} == renewed


def test_telegram_may_send_the_old_webhook_secret_until_its_term() -> None:
    old = Addresses(OLD).secret_for(SECRET_PURPOSE)
    proved = [Addresses(one).proves(old, SECRET_PURPOSE) for one in (OLD, rotated(0), rotated(-2), NEW)]
    assert proved == [True, True, False, False]


def command(home: Path, *words: str, **environment: str) -> Result:
    given = {"VENTANILLA_HOME": str(home), "COLUMNS": "200", "VENTANILLA_SECRET": ""} | environment
    return CliRunner().invoke(ventanilla, ["secret", *words], env=given)


async def test_command_replaces_the_kept_secret_and_shows_its_state(
    tmp_path: Path, database_url: str, database: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps({"secret": OLD, "redis": "r"}))
    assert "Reinicia" in command(tmp_path, "rotate", "--dias", "8", DATABASE_URL=database_url).output
    monkeypatch.setenv("VENTANILLA_HOME", str(tmp_path))
    monkeypatch.setenv("VENTANILLA_SECRET", "")
    kept = load_settings().secret.get_secret_value()
    (replaced,) = Secrets.of(kept).replaced
    assert (replaced.secret, replaced.until) == (OLD, datetime.now(UTC).date() + timedelta(days=8))
    assert json.loads((tmp_path / "secrets.json").read_text())["redis"] == "r"
    async with database.begin() as session:
        session.add(Subscription(conversation_id="a", channel="telegram", address=Addresses(OLD).encrypt("7"), at=AT))
    for folder in (FILES_FOLDER, COMPLAINT_FILES):
        await Files(tmp_path / folder, masters=MasterKeys(OLD)).keep("c1", "a.pdf", b"%PDF-1.7")
    told = (await asyncio.to_thread(command, tmp_path, "status", DATABASE_URL=database_url)).output
    assert fingerprint(kept) in told
    assert fingerprint(OLD) in told
    assert "3 datos" in told  # the address, and the key of each folder of files
    assert OLD not in told
    assert command(tmp_path, "rotate", "--dias", "7").exit_code == 2  # Redis still uses it after 7 days


def test_command_prints_the_setting_where_the_environment_sets_the_secret(tmp_path: Path) -> None:
    told = command(tmp_path, "rotate", "--robado", VENTANILLA_SECRET=OLD)
    (replaced,) = Secrets.of(told.stdout.strip()).replaced
    assert (replaced.secret, replaced.stolen) == (OLD, True)
    assert not (tmp_path / "secrets.json").exists()


def test_short_secret_and_a_day_that_does_not_exist_stop_the_start() -> None:
    for setting in ("corta", f"corta,2027-01-01:{OLD}", f"{NEW},2027-02-31:{OLD}"):
        with pytest.raises(ValidationError):
            Settings(VENTANILLA_SECRET=SecretStr(setting))
