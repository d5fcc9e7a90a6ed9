"""Tests that the launcher drops its own lines if they cannot be written, so that they never end the system."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from rich.console import Console
from typer.testing import CliRunner

from bot.cli import system
from bot.cli.main import app
from bot.core.settings import Settings
from bot.core.terminal import explained, unfailing_console
from bot.run.ports import free_port


@pytest.fixture(params=["full disk", "closed pipe"])
def broken_output(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.param == "full disk":
        output = open("/dev/full", "w", encoding="utf-8")
    else:
        reading, writing = os.pipe()
        os.close(reading)
        output = os.fdopen(writing, "w", encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", output)
    yield
    monkeypatch.undo()
    output.close()


@pytest.mark.usefixtures("broken_output")
def test_launcher_goes_on_when_it_can_print_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[int] = []

    def start(_settings: Settings, console: Console) -> None:
        for number in range(3):
            console.print(f"[bold]{number}[/]")
            printed.append(number)

    monkeypatch.setattr("bot.run.start.start", start)
    monkeypatch.setattr(system, "settings", lambda: Settings(VENTANILLA_HOME=tmp_path))
    system.run()
    assert printed == [0, 1, 2]


def test_everything_printed_is_written_by_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "out").open("w", encoding="utf-8") as output:
        monkeypatch.setattr(sys, "stdout", output)
        with unfailing_console() as console:
            console.print("¡Listo!")
        monkeypatch.undo()
    assert (tmp_path / "out").read_text(encoding="utf-8") == "¡Listo!\n"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"PORT": "9464"}, "✗ Los ajustes no calzan entre sí: METRICS_PORT"),
        ({"OIDC_ISSUER": "https://id.losaromos.example"}, "✗ Los ajustes no calzan entre sí: OIDC_ISSUER"),
        ({"ALARM_WEBHOOK_URL": "https://losaromos.example"}, "✗ Los ajustes no calzan entre sí: ALARM_WEBHOOK_SECRET"),
        ({"VENTANILLA_SECRET": "corta"}, "✗ La variable VENTANILLA_SECRET tiene un valor que no sirve: VENTANILLA_SEC"),
        ({"PORT": "x"}, "✗ La variable PORT tiene un valor que no sirve: Input"),
    ],
)
def test_setting_that_does_not_fit_is_one_line(settings: dict[str, str], told: str) -> None:
    shown = CliRunner().invoke(app, ["staff", "list"], env=settings)
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert shown.stderr.startswith(told) and shown.stderr.count("\n") == 1


def test_database_that_is_away_is_explained_without_its_password() -> None:
    url = f"postgresql://v:hidden@127.0.0.1:{(port := free_port())}/v"
    shown = CliRunner().invoke(app, ["staff", "list"], env={"DATABASE_URL": url})
    assert (shown.exit_code, shown.stdout, len(shown.stderr.splitlines())) == (1, "", 2)
    assert shown.stderr.startswith("✗ PostgreSQL no respondió") and str(port) in shown.stderr
    assert "DATABASE_URL" in shown.stderr and "hidden" not in shown.stderr


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (psycopg.OperationalError("FATAL: no\nhint"), "✗ PostgreSQL no respondió o se negó: FATAL: no\n"),
        (redis.exceptions.AuthenticationError("WRONGPASS"), "✗ Valkey no respondió o se negó: WRONGPASS\n"),
    ],
)
def test_refusal_of_a_store_is_explained(error: Exception, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="1"), explained():
        raise error
    assert capsys.readouterr().err.startswith(told)


def test_unknown_error_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), explained():
        raise ZeroDivisionError


@pytest.mark.parametrize("below_file", ["", "/folder"])
def test_impossible_path_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str], below_file: str) -> None:
    (tmp_path / "file").touch()
    path = f"{tmp_path}/file{below_file}"
    with pytest.raises(SystemExit, match="1"), explained():
        Path(path).mkdir()
    printed = capsys.readouterr().err
    assert printed.startswith(f"✗ No puedo usar la ruta {path}: ")
