"""Tests that an invalid roles.yml causes one Spanish error, shown by the commands that need roles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.home import ROOT

# Runs commands one after the other, which read the file of the first argument as their roles.yml, and prints how each
# ended.
COMMANDS = """
import json, pathlib, sys
import bot.core.roles as roles
roles.FILE = pathlib.Path(sys.argv[1])
from bot.cli.main import main
codes = []
for words in json.loads(sys.argv[2]):
    try:
        main(words)
    except SystemExit as end:
        codes.append(end.code)
print(json.dumps(codes))
"""


def with_roles(table: Path, *commands: list[str], **environment: str) -> tuple[list[int], str]:
    """Runs commands in a new process with ``table`` as its roles.yml; returns their exit codes, and the errors."""
    command = [sys.executable, "-c", COMMANDS, str(table), json.dumps(commands)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | environment)
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


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
    codes, told = with_roles(file, ["staff", "--help"], ["staff", "add", "--help"])
    assert codes == [0, 1]
    assert told.startswith(f"✗ roles.yml tiene un problema en {problem}:")
    assert "Traceback" not in told


def test_run_reports_an_unknown_permission_before_it_starts_anything(tmp_path: Path) -> None:
    file, home = tmp_path / "roles.yml", tmp_path / "home"
    file.write_text("agent: {name: Atención, about: Atiende., may: [fly]}\n", encoding="utf-8")
    codes, told = with_roles(file, ["run"], VENTANILLA_HOME=str(home))
    assert codes == [1]
    assert told.startswith("✗ roles.yml tiene un problema en agent.may:")
    assert not (home / "postgres").exists()
