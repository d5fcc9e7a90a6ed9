"""Tests that Markdown files in a ZIP or a folder become entries, and that skipped files are named with reasons."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.desk.pages.entries.exporting import as_zip
from bot.faq.entries.folder import load_files
from bot.faq.entries.reading import MAX_BYTES
from bot.faq.imports.destination.present import Target
from bot.faq.imports.markdown_files import folder_contents, rows_of
from bot.faq.imports.plan import Plan, plan
from bot.faq.imports.sheet_problem import SheetFound
from tests.faq_files import agency, write_folder

TODAY = date(2026, 11, 28)
BLANKS = {"tema": "general", "fuente": "https://www.losaromos.example"}
HEADER = """---
id: {}
pregunta: ¿Quién poda?
variantes:
  - podar
tema: aseo
equipo: atencion
fuente: https://www.losaromos.example
responsable: Aseo
revisado: 2026-11-01
{}---
"""


def planned(tmp_path: Path, contents: dict[str, bytes], kind: str = "zip") -> Plan:
    source = tmp_path / "textos.zip" if kind == "zip" else tmp_path / "textos"
    if kind == "zip":
        source.write_bytes(as_zip(contents))
    for name, content in contents.items() if kind == "folder" else ():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    return plan(source, Target(tmp_path / "faq", agency(), TODAY, replace=True), BLANKS)


@pytest.mark.parametrize("kind", ["zip", "folder"])
@pytest.mark.parametrize(
    "content",
    [
        "# ¿Quién poda los árboles?\n\nAseo y Ornato.\n",
        "¿Quién poda los árboles?\r\n====\r\nAseo y Ornato.",
        "**¿Quién poda los árboles?**\nAseo y Ornato.",
    ],
)
def test_plain_text_is_an_entry_named_by_its_file(tmp_path: Path, kind: str, content: str) -> None:
    made = planned(tmp_path, {"Áreas verdes/Poda de árboles.md": content.encode("cp1252")}, kind)
    (entry,) = load_files(made.files, agency().teams, today=TODAY).entries
    assert (entry.path, entry.question) == ("areas-verdes/poda-de-arboles.md", "¿Quién poda los árboles?")
    assert (entry.body, entry.topic, entry.source.url) == ("Aseo y Ornato.", "areas-verdes", BLANKS["fuente"])


def test_files_of_one_name_get_ids_of_their_questions(tmp_path: Path) -> None:
    texts = {f"{topic}/LEEME.md": f"¿Cómo pido {topic}?\nAsí.".encode() for topic in ("agua", "luz")}
    assert sorted(planned(tmp_path, texts).files) == ["agua/como-pido-agua.md", "luz/como-pido-luz.md"]


def test_header_of_another_system_is_understood(tmp_path: Path) -> None:
    text = "---\ntitle: ¿Quién poda?\ncategory: Aseo\nlayout: post\n---\nNosotros.\n"
    made = planned(tmp_path, {"posts/poda.md": text.encode()})
    assert list(made.files) == ["aseo/poda.md"]
    assert [
        problem.message for problem in made.problems if problem.spot.file == "posts/poda.md" and not problem.spot.row
    ] == ["No se usa el dato «layout»."]


def test_skipped_files_are_named_with_the_reason_and_the_rest_is_imported(tmp_path: Path) -> None:
    contents = {
        "aseo/poda.md": HEADER.format("poda", "").encode() + b"Nosotros.\n",
        "aseo/rota.md": b"---\npregunta: \xc2\xbfCu\xc3\xa1l: cu\xc3\xa1ndo?\n---\nx\n",
        "aseo/enorme.md": b"x" * (MAX_BYTES + 1),
        "aseo/nadie.frases.txt": b"hola\n",
        "foto.png": b"\x89PNG",
        "__MACOSX/aseo/._poda.md": b"x",
        ".DS_Store": b"x",
    }
    made = planned(tmp_path, contents)
    assert (sorted(made.files), made.errors) == (["aseo/poda.md"], 0)
    lines = made.lines("textos.zip")
    assert [line.split(":")[0] for line in lines if "Quedó fuera" not in line][-4:] == [
        "• textos.zip, aseo/enorme.md, línea 1",
        "• textos.zip, aseo/rota.md, línea 2",
        "• textos.zip, aseo/nadie.frases.txt",
        "• textos.zip, foto.png",
    ]
    assert lines[-1] == "• Quedó fuera lo que se nombra arriba, en 4 avisos."


def test_entry_for_some_people_is_imported_beside_the_general_one(tmp_path: Path) -> None:
    general, older = (
        HEADER.format("poda", extra).encode() for extra in ("", "audiencia: {segmento: [adulto-mayor]}\n")
    )
    made = planned(tmp_path, {"aseo/poda.md": general + b"A todos.\n", "aseo/poda.mayores.md": older + b"Antes.\n"})
    entries = {entry.path: (entry.audience, entry.body) for entry in load_files(made.files, None, today=TODAY).entries}
    assert entries == {
        "aseo/poda.md": ({}, "A todos."),
        "aseo/poda.mayores.md": ({"segmento": ("adulto-mayor",)}, "Antes."),
    }


def test_entry_for_the_same_people_is_replaced_whatever_its_file_is_called(tmp_path: Path) -> None:
    (tmp_path / "faq" / "aseo").mkdir(parents=True)
    older = HEADER.format("poda", "audiencia: {segmento: [adulto-mayor]}\n").encode()
    (tmp_path / "faq" / "aseo" / "poda.mayores.md").write_bytes(older + b"Antes.\n")
    made = planned(tmp_path, {"aseo/poda.otra.md": older + b"Ahora.\n"})
    assert made.replaced == {"aseo/poda.mayores.md"}


def test_audience_that_is_none_is_reported(tmp_path: Path) -> None:
    made = planned(tmp_path, {"aseo/poda.md": HEADER.format("poda", "audiencia: mayores\n").encode() + b"Antes.\n"})
    assert [problem.spot.name for problem in made.problems if problem.severity == "error"] == ["audiencia"]


def test_folder_is_never_left_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "secreto.md").write_text("¿Secreto?\nx")
    folder = write_folder(tmp_path / "textos", ["bache"])
    (folder / "enlace.md").symlink_to(tmp_path / "secreto.md")
    assert list(folder_contents(folder)) == ["calle/bache.md"]
    assert [row.file for row in rows_of(folder_contents(folder), SheetFound())] == ["", "calle/bache.md"]
