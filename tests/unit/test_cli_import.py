"""Tests that `ventanilla import` writes every entry of a sheet or none, with messages that help to fix it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from openpyxl import Workbook
from typer.testing import CliRunner

from bot.cli.main import app
from tests.faq_files import ROOT

HEADING = ["pregunta", "respuesta", "variantes", "tema", "fuente", "nota"]
GOOD = [
    "¿Quién poda los árboles?",
    "Aseo y Ornato.",
    "podar un arbol|poda",
    "Aseo",
    "https://www.losaromos.example/poda",
]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENTANILLA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AGENCY_FILE", str(ROOT / "agency.yml"))


def run(tmp_path: Path, *rows: list[str], options: tuple[str, ...] = ()) -> Result:
    book = Workbook()
    for row in (HEADING, *rows):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "preguntas.xlsx")
    return CliRunner().invoke(
        app, ["import", str(tmp_path / "preguntas.xlsx"), "--to", str(tmp_path / "faq"), *options]
    )


def test_good_sheet_is_written(tmp_path: Path) -> None:
    done = run(tmp_path, GOOD)
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "• Columnas que no se usan: nota.",
        f"✓ Respuestas nuevas: 1. Reemplazadas: 0. Están en {tmp_path / 'faq'}.",
    ]
    assert (tmp_path / "faq" / "aseo" / "quien-poda-los-arboles.md").is_file()


def test_sheet_with_a_mistake_writes_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, GOOD, [*GOOD[:1], "", *GOOD[2:4], "http://x.cl"])
    assert done.exit_code == 1
    lines = done.output.splitlines()[1:]
    assert [line.split(":")[0] for line in lines] == [
        "• preguntas.xlsx, fila 3, columna A (pregunta)",
        "✗ preguntas.xlsx, fila 3, columna B (respuesta)",
        "• preguntas.xlsx, fila 3, columna C (variantes)",
        "• preguntas.xlsx, fila 3, columna C (variantes)",
        "✗ preguntas.xlsx, fila 3, columna E (fuente)",
        "✗ Errores",
    ]
    assert lines[-1].startswith("✗ Errores: 2. No se escribió ningún archivo")
    assert "La celda está en blanco. Escribe su valor, o borra la fila completa si sobra." in lines[1]
    assert not (tmp_path / "faq").exists()


def test_second_import_needs_the_replace_option(tmp_path: Path) -> None:
    assert [run(tmp_path, GOOD).exit_code, run(tmp_path, GOOD).exit_code] == [0, 1]
    again = run(tmp_path, GOOD, options=("--replace",))
    assert "✓ Respuestas nuevas: 0. Reemplazadas: 1." in again.output


def test_file_in_place_of_the_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "faq").write_text("")
    done = run(tmp_path, GOOD)
    assert done.exit_code == 1
    assert "faq no es una carpeta. Escribe en --to" in done.output


def test_page_without_a_topic_asks_for_the_option_and_not_for_columns(tmp_path: Path) -> None:
    page = tmp_path / "preguntas.html"
    page.write_text("<h3>¿Quién poda?</h3><p>Aseo y Ornato.</p>", encoding="utf-8")
    done = CliRunner().invoke(app, ["import", str(page), "--to", str(tmp_path / "faq")])
    assert ("--tema" in done.output, "columnas" in done.output) == (True, False)
