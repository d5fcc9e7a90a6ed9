"""Tests the table of commands, and what each group prints when it cannot work."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.channels.folders import commands
from bot.cli import faq, system
from bot.cli.breach import breach
from bot.cli.crisis import crisis_app
from bot.cli.data import data_app
from bot.cli.figures import figures_app
from bot.cli.main import app
from bot.cli.secret import secret_app
from bot.cli.staff import staff_app
from bot.core.roles import listed_roles
from bot.core.texts import say
from tests.faq_files import ROOT, write_folder


@pytest.fixture(autouse=True)
def _agency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENCY_FILE", str(ROOT / "agency.yml"))


def test_commands_are_listed_in_the_order_of_use() -> None:
    table = {one.name or str(getattr(one.callback, "__name__", "")): one.callback for one in app.registered_commands}
    assert list(table) == [
        "run",
        "check",
        "ask",
        "eval",
        "new",
        "import",
        "train",
        "prepare",
        "serve",
        "ready",
        "doctor",
        "backup",
        "restore",
        "breach",
    ]
    assert [table[name] for name in ("run", "train", "doctor")] == [system.run, system.train, system.doctor]
    assert table["breach"] == breach
    assert [table["eval"], table["import"]] == [faq.evaluate, faq.import_sheet]


def test_each_group_has_its_name() -> None:
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    assert (
        groups
        == {"secret": secret_app, "staff": staff_app, "crisis": crisis_app, "figures": figures_app, "data": data_app}
        | commands()
    )
    assert {"staff", "telegram", "whatsapp"} <= groups.keys()


def test_channel_that_is_not_set_up_reports_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "")
    done = CliRunner().invoke(app, ["telegram", "status"])
    assert (done.exit_code, done.output.strip()) == (1, say("telegram.cli.sin_token"))


def test_account_for_an_unknown_team_is_refused_in_one_line() -> None:
    done = CliRunner().invoke(staff_app, ["add", "ana@losaromos.example", "Ana Soto", "--equipo", "nadie"])
    assert done.exit_code == 1
    assert done.output.startswith("✗") and "nadie" in done.output and len(done.output.splitlines()) == 1


@pytest.mark.parametrize(("spoilt", "code"), [(False, 0), (True, 1)])
def test_check_fails_only_when_an_entry_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: bool, code: int
) -> None:
    folder = write_folder(tmp_path / "faq")
    if spoilt:
        next(folder.rglob("*.md")).write_text("sin cabecera")
    monkeypatch.setenv("FAQ_DIR", str(folder))
    assert CliRunner().invoke(app, ["check", "--quick"]).exit_code == code


def test_check_reports_a_benchmark_file_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAQ_DIR", str(write_folder(tmp_path / "faq")))
    monkeypatch.setenv("BENCHMARK_MESSAGES", str(tmp_path / "no.jsonl"))
    found = CliRunner().invoke(app, ["check", "--quick"])
    assert found.exit_code == 1 and "BENCHMARK_MESSAGES" in found.output


def test_help_of_staff_lists_the_roles() -> None:
    shown = CliRunner().invoke(staff_app, ["add", "--help"], env={"COLUMNS": "200"}).output
    assert f"{listed_roles()}; se puede repetir." in shown


def test_check_finds_the_adapter_of_an_earlier_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "adapter.safetensors").write_text("mine")
    monkeypatch.setenv("VENTANILLA_HOME", str(home))
    monkeypatch.setenv("FAQ_DIR", str(write_folder(tmp_path / "faq")))
    CliRunner().invoke(app, ["check", "--quick"])
    assert (home / "answers" / "adapter.safetensors").read_text() == "mine"
