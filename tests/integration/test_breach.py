"""Tests the pack for a data breach: facts, reports with their deadlines, sealed files, ended sessions."""

from __future__ import annotations

import hashlib
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import func, select
from typer.main import get_command

import bot.channels.telegram.settings
import bot.channels.whatsapp.settings  # noqa: F401  (their secrets count)
from bot.agency.model import Agency
from bot.breach import pack
from bot.breach.facts import MANIFEST, gather
from bot.breach.pack import Incident, write_pack
from bot.cli.main import app
from bot.core.settings import ChannelSettings, Settings
from bot.record.engine import Sessions
from bot.record.tables import Audit, StaffSession
from tests.integration.recorded import conversation, person

KNOWN = datetime(2026, 12, 24, 10, 30, tzinfo=UTC)


async def test_pack_freezes_facts_and_fills_the_reports(database: Sessions, agency: Agency, tmp_path: Path) -> None:
    await conversation(database, "c" * 32, ("citizen", "xylofonito"), ("staff", "hola"), channel="whatsapp")
    staff = await person(database, 7, "Ana")
    now = datetime.now(UTC)
    async with database.begin() as session:
        session.add(StaffSession(token_hash="h", staff_id=staff, csrf_token="t", expires_at=now + timedelta(hours=1)))
        session.add(Audit(action="data_exported", staff_id=UUID(int=7), subject="7", detail={}))
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "bot.log").write_text("{}")

    written = await write_pack(
        database, agency, Incident(KNOWN, now), into=tmp_path / "usb", logs=logs, end_sessions=True
    )

    names = {path.name for path in written.folder.rglob("*") if path.is_file()}
    assert {
        "0-lee-primero.md",
        "1-alerta-3h.md",
        "4-aviso-agencia.md",
        "6-llaves.md",
        "auditoria.csv",
        "bot.log",
    } <= names
    first = (written.folder / "0-lee-primero.md").read_text()
    for hour in ("24-12-2026 13:30 UTC", "27-12-2026 10:30 UTC", "08-01-2027 10:30 UTC"):
        assert hour in first
    told = (written.folder / "4-aviso-agencia.md").read_text()
    assert "- Mensajes: 2" in told
    assert "whatsapp 1" in told
    assert "data_exported" in (written.folder / "auditoria.csv").read_text()
    everything = "".join(path.read_text() for path in written.folder.rglob("*") if path.is_file())
    assert "xylofonito" not in everything
    for line in (written.folder / MANIFEST).read_text().splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((written.folder / name).read_bytes()).hexdigest() == digest
    assert written.folder.stat().st_mode & 0o077 == 0
    async with database() as session:
        assert await session.scalar(select(func.count()).select_from(StaffSession)) == 0
    assert written.ended == 1
    assert (await gather(database, now)).counts["sessions"] == 0


def test_every_command_of_the_reports_has_the_arguments_it_needs() -> None:
    texts = [one.read_text(encoding="utf-8") for one in sorted(pack.TEMPLATES.glob("*.md"))]
    named = [line for text in texts for line in re.findall(r"`ventanilla ([^`]+)`", text)]
    assert any(line.startswith("breach ") for line in named)
    for line in named:
        command, words = get_command(app), shlex.split(line)
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        command.make_context(line, words)  # parses only; raises UsageError


def test_runbook_of_keys_names_every_secret() -> None:
    kinds = [Settings, *(one for one in ChannelSettings.__subclasses__() if one.__module__.startswith("bot."))]
    fields = [one for kind in kinds for one in kind.model_fields.values()]
    names = {str(one.alias) for one in fields if one.annotation is SecretStr}
    runbook = (Path(pack.__file__).parent / "templates" / "6-llaves.md").read_text(encoding="utf-8")
    assert len(names) > 12
    assert {name for name in names if f"`{name}`" not in runbook} == set()
