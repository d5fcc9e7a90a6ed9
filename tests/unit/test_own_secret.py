"""Tests that no command changes or saves a secret that is not the installation's."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.backup.own_secret import own_secret
from bot.cli.main import app
from bot.core.secrets.encryption import Secrets, fingerprint
from bot.core.settings import Settings

OWN, OTHER = "o" * 40, "n" * 40
AWAY = {"REDIS_URL": "", "DATABASE_URL": "", "VENTANILLA_SECRET": "", "COLUMNS": "400"}
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
COMMANDS = {"rotate": ["secret", "rotate", "--robado"], "save": ["backup", "claves.age", "--secrets"]}


def command(name: str, home: Path, **environment: str) -> Result:
    words = [str(home.parent / word) if word == "claves.age" else word for word in COMMANDS[name]]
    given = AWAY | {"VENTANILLA_HOME": str(home), "BACKUP_RECIPIENT": RECIPIENT} | environment
    return CliRunner().invoke(app, words, env=given)


def installed(home: Path, *, secret: str, running: str = "") -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "secrets.json").write_text(json.dumps({"secret": secret}))
    if running:
        facts = {"pid": os.getpid(), "secret_fingerprint": fingerprint(running)}
        (home / "running.json").write_text(json.dumps(facts))


@pytest.mark.parametrize("name", COMMANDS)
def test_without_the_settings_of_the_service_nothing_is_made(tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    told = command(name, home)
    assert (told.exit_code, "no está aquí" in told.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_secret_that_another_command_made_in_a_wrong_folder_is_not_the_systems(tmp_path: Path, name: str) -> None:
    home, secrets = tmp_path / "home", json.dumps({"secret": OTHER})
    home.mkdir()
    (home / "secrets.json").write_text(secrets)
    assert command(name, home).exit_code == 1
    assert (home / "secrets.json").read_text() == secrets
    assert list(tmp_path.iterdir()) == [home]


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("configured", ["", OTHER])
def test_running_system_has_another_secret(tmp_path: Path, name: str, configured: str) -> None:
    home = tmp_path / "home"
    installed(home, secret=OTHER, running=OWN)
    told = command(name, home, VENTANILLA_SECRET=configured)
    assert (told.exit_code, told.stdout) == (1, "")
    assert json.loads((home / "secrets.json").read_text()) == {"secret": OTHER}


@pytest.mark.parametrize("name", COMMANDS)
def test_secret_can_be_rotated_and_saved_before_the_restart(tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    installed(home, secret=OWN, running=OWN)
    assert command("rotate", home).exit_code == 0
    now = own_secret(Settings(VENTANILLA_HOME=home, VENTANILLA_SECRET="", DATABASE_URL=""))  # type: ignore[arg-type]
    assert [one.secret for one in Secrets.of(now).replaced] == [OWN]
    assert command(name, home).exit_code == 0
