"""Tests the command and environment with which a service starts, and the message if it cannot start."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pydantic import SecretStr
from rich.console import Console

from bot.core.errors.launcher import NotRunning
from bot.core.errors.rasa import ModelMissing
from bot.core.settings import ROOT, Settings
from bot.run import serve
from bot.run.addresses import ready
from bot.run.preparation import prepare
from bot.run.rasa_part import actions_part
from bot.run.service import Service


def settings(home: Path, **more: object) -> Settings:
    known = {"VENTANILLA_HOME": home, "AGENCY_FILE": ROOT / "agency.yml", "HOST": "10.0.0.1", "PORT": 5055}
    return Settings(**known | more)  # type: ignore[arg-type]


def started(settings: Settings, service: Service, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], dict[str, str]]:
    """Returns the command and the environment that would replace the process."""
    became: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(serve.os, "umask", lambda _: 0)
    monkeypatch.setattr(serve.os, "execve", lambda _path, command, variables: became.append((command, variables)))
    serve.serve(settings, service)
    return became[0]


@pytest.mark.parametrize("role", [Service.WEB, Service.WORKER])
def test_web_and_worker_are_roles_of_a_bot_process(
    role: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert started(settings(tmp_path), role, monkeypatch)[0] == [sys.executable, "-m", "bot", str(role)]


def test_action_server_listens_on_host_and_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command, variables = started(settings(tmp_path), Service.ACTIONS, monkeypatch)
    assert command == [sys.executable, "-m", "actions"]
    assert (variables["ACTIONS_HOST"], variables["ACTIONS_PORT"]) == ("10.0.0.1", "5055")


def test_action_server_asks_for_large_pages_whoever_starts_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, variables = started(settings(tmp_path), Service.ACTIONS, monkeypatch)
    for given in (variables, actions_part(tmp_path, 5055, {}).env or {}):
        assert given["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1"


def test_rasa_serves_the_newest_model_and_its_password_is_no_argument(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "models" / "ventanilla-1.tar.gz"
    model.parent.mkdir()
    model.touch()
    known = settings(
        tmp_path,
        RASA_DATABASE_URL=SecretStr("postgresql://rasa:s%40s@db:5433/t"),
        RASA_TOKEN=SecretStr("secret"),
        ACTIONS_TOKEN=SecretStr("asked"),
        ACTIONS_URL="http://actions:5055",
    )
    command, variables = started(known, Service.RASA, monkeypatch)
    assert " ".join(command[2:]).startswith(f"run -i 10.0.0.1 -p 5055 --enable-api --model {model} ")
    assert not {"secret", "asked", "s@s"} & set(command)
    wanted = {"RASA_DB_HOST": "db", "RASA_DB_PORT": "5433", "RASA_DB_NAME": "t", "RASA_DB_USER": "rasa"}
    wanted |= {
        "RASA_DB_PASSWORD": "s@s",
        "RASA_TOKEN": "secret",
        "ACTIONS_TOKEN": "asked",
        "ACTIONS_URL": "http://actions:5055",
    }
    assert wanted.items() <= variables.items()


def test_rasa_without_a_model_fails_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        serve.serve(settings(tmp_path), Service.RASA)


@pytest.mark.parametrize("step", [prepare, ready])
def test_preparing_needs_a_database(step: object, tmp_path: Path) -> None:
    with pytest.raises(NotRunning):
        step(settings(tmp_path, DATABASE_URL=SecretStr("")), Console(quiet=True))  # type: ignore[operator]
