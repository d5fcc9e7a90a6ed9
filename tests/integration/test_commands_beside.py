"""Tests that commands beside the running system reach its stores with accounts that may do what they do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.conversation.change import Change
from bot.core.messages import Channel, CitizenMessage, Reply, Speaker
from bot.core.settings import Settings
from bot.run.system import System
from bot.store.client import Store
from bot.store.words_keys import with_client
from tests.no_record import SECRET, mailbox_of

AWAY = {"REDIS_URL": "", "REDIS_BACKUP_URL": "", "DATABASE_URL": "", "RASA_DATABASE_URL": "", "COLUMNS": "400"}


async def talk(redis: Store) -> None:
    inbox = mailbox_of(redis)
    await inbox.accept(CitizenMessage("c1", Channel.WEB, "m1", "¿cómo renuevo mi licencia?", at=0))
    await inbox.commit(await inbox.pending("c1"), (Reply("así"),), speaker=Speaker.ASSISTANT, change=Change())


def command(home: Path, *words: str) -> Result:
    given = AWAY | {"VENTANILLA_HOME": str(home), "VENTANILLA_SECRET": SECRET}
    return CliRunner().invoke(app, list(words), env=given)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    answers = tmp_path / "agency" / "faq"
    answers.mkdir(parents=True)
    (answers / "licencia.md").write_text("the agency's only file")
    settings = Settings(VENTANILLA_HOME=tmp_path, VENTANILLA_SECRET=SECRET, FAQ_DIR=answers)  # type: ignore[arg-type]
    made = System(settings, lambda _name: None)
    try:
        made.start_stores()
        made._note()
        yield made
    finally:
        made.stop()


def test_data_of_a_citizen_is_shown_and_erased_and_a_backup_can_be_restored(system: System, tmp_path: Path) -> None:
    asyncio.run(with_client(system.redis_url, SECRET, talk))
    shown = command(tmp_path, "data", "show", "c1")
    assert shown.exit_code == 0, shown.output
    key, file = str(tmp_path / "k.txt"), str(tmp_path / "b.age")
    made = command(tmp_path, "backup", key, "--new-key").output
    public = next(word for word in made.split() if word.startswith("age1"))
    done = command(tmp_path, "backup", file, "--recipient", public)
    assert done.exit_code == 0, done.output
    assert "Preguntas frecuentes: 1 archivos" in done.output  # not the demo's, which the command's own settings name
    erased = command(tmp_path, "data", "erase", "c1", "--si")
    assert erased.exit_code == 0, erased.output
    checked = command(tmp_path, "restore", file, "--key", key, "--check")
    assert checked.exit_code == 0, checked.output
