"""Tests that an invalid roles.yml is one Spanish error, shown by the commands that need roles."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.home import ROOT


def with_roles(table: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in a fresh process that reads ``table`` as its roles.yml."""
    code = (
        "import sys, pathlib, bot.core.roles as roles; roles.FILE = pathlib.Path(sys.argv.pop(1));"
        "from bot.cli.main import main; main()"
    )
    command = [sys.executable, "-c", code, str(table), *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | environment)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("agent: [\n", "su formato"),
        ("- agent\n", "(raíz)"),
        ("{}\n", "(raíz)"),
        ("agent: {name: Atención, about: Atiende., may: [desk], color: rojo}\n", "agent.color"),
    ],
)
def test_malformed_roles_give_one_spanish_error_and_only_where_they_are_needed(
    tmp_path: Path, table: str, problem: str
) -> None:
    file = tmp_path / "roles.yml"
    file.write_text(table, encoding="utf-8")
    assert with_roles(file, "staff", "--help").returncode == 0
    done = with_roles(file, "staff", "add", "--help")
    assert done.returncode == 1
    assert done.stderr.startswith(f"✗ roles.yml tiene un problema en {problem}:")
    assert "Traceback" not in done.stderr


def test_run_reports_an_unknown_permission_before_it_starts_anything(tmp_path: Path) -> None:
    file, home = tmp_path / "roles.yml", tmp_path / "home"
    file.write_text("agent: {name: Atención, about: Atiende., may: [fly]}\n", encoding="utf-8")
    done = with_roles(file, "run", VENTANILLA_HOME=str(home))
    assert done.returncode == 1
    assert done.stderr.startswith("✗ roles.yml tiene un problema en agent.may:")
    assert not (home / "postgres").exists()
