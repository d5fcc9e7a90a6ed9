"""Tests that `ventanilla eval` measures an FAQ on messages and prints a table or one JSON object."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli.main import app
from tests.faq_files import ROOT, write_folder
from tests.home import HOME

MESSAGES = [
    {"text": "hay un hoyo en mi calle", "faq": "bache", "kind": "in"},
    {"turns": ["cuando pasa la basura", "hay un hoyo en mi calle"], "faq": "bache", "kind": "in"},
    {"parts": ["hola", "renovar licencia"], "faq": "licencia", "kind": "in"},
    {"text": "¿quién ganó el partido anoche?", "faq": None, "kind": "far"},
]


@pytest.fixture(scope="session", autouse=True)
def _encoder_is_there(encoder_folder: Path) -> None:
    """Skips the preparation of the encoder by the command."""


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    """Writes another agency's entries, with a team that this agency does not have."""
    folder = write_folder(tmp_path / "otra")
    for path in folder.rglob("*.md"):
        path.write_text(path.read_text().replace("equipo: atencion", "equipo: mesa-central"))
    return folder


def run(tmp_path: Path, *arguments: str, lines: list[str] | None = None) -> Result:
    path = tmp_path / "mensajes.jsonl"
    path.write_text("\n".join(lines or [json.dumps(one) for one in MESSAGES]), encoding="utf-8")
    environment = {"VENTANILLA_HOME": str(HOME), "AGENCY_FILE": str(ROOT / "agency.yml")}
    return CliRunner().invoke(app, ["eval", str(path), *arguments], env=environment)


def test_another_agencys_faq_is_measured_as_one_json_object(tmp_path: Path, faq: Path) -> None:
    done = run(tmp_path, "--faq", str(faq), "--json", "--worst", "0")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["n"], found["n_in"], found["confusions"]) == (0, 4, 3, [])
    assert (found["top1"], found["oos_answered"], found["auroc"]) == (1, {"far": 0}, {"far": 1, "all": 1})


def test_table_is_printed_by_default(tmp_path: Path, faq: Path) -> None:
    done = run(tmp_path, "--faq", str(faq))
    assert done.exit_code == 0
    assert "4 mensajes, 3 con respuesta en la base" in done.stdout
    assert "Con respuesta: primera candidata correcta" in done.stdout
    assert "Responde desde" in done.stdout


def test_learning_is_shown_in_parts(tmp_path: Path, faq: Path) -> None:
    done = run(tmp_path, "--faq", str(faq), "--learn", "2")
    assert done.exit_code == 0
    assert "Cómo aprendería de estos mensajes" in done.stdout
    assert "Ninguna de estas" in done.stdout


def test_nothing_is_measured_while_a_line_is_wrong(tmp_path: Path, faq: Path) -> None:
    wrong = [json.dumps(MESSAGES[0]), "{", '{"text": "x", "faq": "permiso-circulacion"}']
    done = run(tmp_path, "--faq", str(faq), "--json", lines=wrong)
    assert (done.exit_code, done.stdout) == (1, "")
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [
        "✗ mensajes.jsonl, línea 2",
        "✗ mensajes.jsonl, línea 3 (faq)",
        "✗ Problemas",
    ]
    assert done.stderr.splitlines()[-1] == "✗ Problemas: 2. No se midió nada: corrígelos y repite."


def test_folder_without_entries_is_reported(tmp_path: Path) -> None:
    done = run(tmp_path, "--faq", str(tmp_path / "nada"))
    assert done.exit_code == 1
    assert (
        done.stderr
        == f"✗ No hay ninguna respuesta que se pueda usar en {tmp_path / 'nada'}. Revisa la carpeta de --faq.\n"
    )
