"""Tests that exported entries can be imported again, and that ZIP files of other origin are read safely."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.desk.pages.entries.exporting import as_csv, as_faq_page, as_zip
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_files, read_files
from bot.faq.imports import entry_zip
from bot.faq.imports.columns import guess
from bot.faq.imports.destination.present import Target
from bot.faq.imports.plan import plan
from bot.faq.imports.sheet_problem import SheetFound
from tests.faq_files import ROOT, agency

CONTENTS = {name: raw for name, raw in read_files(ROOT / "data" / "faq").items() if name.startswith("transito/")}
DENIED = "no responde: ya pagué y me cobraron de nuevo  # Ana\nno responde: perdí el comprobante\n"
CONTENTS["transito/licencia-renovar.frases.txt"] = f"{DENIED}renovar el carné\n".encode()
CONTENTS["transito/licencia-renovar.adulto-mayor.md"] = CONTENTS["transito/licencia-renovar.md"].replace(
    b"\nrevisado:", b"\naudiencia: {segmento: [adulto-mayor], comuna: [los-aromos]}\nrevisado:"
)
TODAY = date(2026, 11, 27)


def imported(tmp_path: Path, name: str, content: bytes) -> tuple[dict[str, object], list[str]]:
    (tmp_path / name).write_bytes(content)
    made = plan(tmp_path / name, Target(tmp_path / "faq", agency(), TODAY))
    errors = [problem.message for problem in made.problems if problem.severity == "error"]
    return {
        (entry.id, str(entry.audience)): _facts(entry) for entry in load_files(made.files, None, today=TODAY).entries
    }, errors


def _facts(entry: Entry) -> tuple[object, ...]:
    return (
        entry.question,
        entry.variants,
        entry.counterexamples,
        entry.topic,
        entry.team,
        entry.source,
        entry.body,
        entry.reviewed,
        entry.audience,
    )


@pytest.mark.parametrize(("name", "write"), [("todas.csv", as_csv), ("todas.zip", as_zip)])
def test_export_is_imported_unchanged(tmp_path: Path, name: str, write: object) -> None:
    here = load_files(CONTENTS, None, today=TODAY).entries
    before = {(entry.id, str(entry.audience)): _facts(entry) for entry in here}
    assert len(before) > 3
    assert any(entry.counterexamples for entry in here)
    after, errors = imported(tmp_path, name, write(CONTENTS))  # type: ignore[operator]
    assert errors == []
    assert after == before


def test_faq_page_has_the_questions_with_their_answers_as_html() -> None:
    page = json.loads(as_faq_page(CONTENTS))
    assert len(page["mainEntity"]) == sum(name.endswith(".md") for name in CONTENTS)
    assert page["mainEntity"][0]["acceptedAnswer"]["text"].startswith("<p>")


def test_equal_entries_make_an_equal_zip() -> None:
    assert as_zip(CONTENTS) == as_zip(dict(CONTENTS))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "El archivo ZIP está dañado o tiene contraseña."),
        (b"PK\x03\x04", "El archivo ZIP está dañado o tiene contraseña."),
        (as_zip({}), "El archivo ZIP no tiene ningún archivo .md que se pueda traer."),
        (as_zip({"nota.txt": b"x"}), "El archivo ZIP no tiene ningún archivo .md que se pueda traer."),
    ],
)
def test_zip_without_entries_is_explained(content: bytes, problem: str) -> None:
    found = SheetFound()
    assert entry_zip.rows(content, None, found) is None
    assert [one.message for one in found.problems if one.severity == "error"] == [problem]


def test_path_in_a_zip_never_leaves_the_folder(tmp_path: Path) -> None:
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        archive.writestr("../../x/bache.md", (ROOT / "data" / "faq" / "aseo" / "bache.md").read_bytes())
    rows = entry_zip.rows(made.getvalue(), None, SheetFound())
    assert rows is not None and {"id", "pregunta", "respuesta", "tema"} <= guess(rows).of.keys()
    (tmp_path / "otra.zip").write_bytes(made.getvalue())
    assert "aseo/bache.md" in plan(tmp_path / "otra.zip", Target(tmp_path / "faq", agency(), TODAY)).files
