"""Tests that ready-made entries are complete, marked where they are local, and free of the demo's data."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest
from structlog.testing import capture_logs

from bot.agency.front_page import MUNICIPALITY, SERVICE
from bot.core.texts import area
from bot.faq.entries.body import marks_in
from bot.faq.entries.folder import load_files
from bot.faq.imports.ready_made import FOLDERS, ReadyMade, ready_made
from tests.conftest import ROOT
from tests.rows import each_row

TOWN, OTHERS = (ready_made(ROOT / "data", kind) for kind in (MUNICIPALITY, SERVICE))
ALL = (*TOWN, *OTHERS)
TODAY = date(2026, 11, 28)
DEMO = re.compile(r"aromos|aroma|boldo|peumos|quillayes|quebrada|2555|losaromos|example", re.IGNORECASE)
# What only one municipality knows: an own phone, an address, hours. Emergency numbers are everywhere the same.
LOCAL = re.compile(r"\+56|\b\d{1,2}:\d\d\b|\b[Pp]iso \d|\b(?:[Cc]alle|[Aa]venida|[Cc]amino) [A-Z]")


def files_of(one: ReadyMade) -> dict[str, bytes]:
    return one.files(team="atencion", responsible="Atención", site="https://muni.example.cl", today=TODAY)


@pytest.mark.parametrize(("kind", "count"), [(MUNICIPALITY, 20), (SERVICE, 8)])  # the pages state the numbers
def test_every_file_is_read(kind: str, count: int) -> None:
    files, found = sorted((ROOT / "data" / FOLDERS[kind]).rglob("*.md")), ready_made(ROOT / "data", kind)
    assert len(found) == len(files) == len({one.id for one in found}) == count


def test_entries_for_other_agencies_speak_of_no_municipality() -> None:
    said = "\n".join(text for one in OTHERS for text in (one.question, one.body, *one.variants, one.topic))
    assert re.findall(r"\bmuni|alcald|dideco", said, re.IGNORECASE) == []


@each_row("one", ALL)
def test_entry_lacks_only_what_is_marked(one: ReadyMade) -> None:
    problems = load_files(files_of(one), {"atencion": "Atención"}, today=TODAY).problems
    assert len(one.marks) > 0 and all(len(mark) > 3 for mark in one.marks)
    assert [p.message for p in problems] == [f"Falta completar: {mark}." for mark in one.marks]
    whole = {path: re.sub(rb"\[\[[^\]]*\]\]", b"listo", text) for path, text in files_of(one).items()}
    loaded = load_files(whole, {"atencion": "Atención"}, today=TODAY)
    assert ([entry.id for entry in loaded.entries], loaded.problems) == ([one.id], ())


@each_row("one", ALL)
def test_entry_has_utterances_a_topic_with_a_name_and_nothing_local(one: ReadyMade) -> None:
    said = "\n".join([one.question, one.body, *one.variants, one.source])
    assert 3 <= len(one.variants) <= 8
    assert one.path == f"{one.topic}/{one.id}.md" and one.topic in area("tramites")["temas"]
    assert not DEMO.search(said)
    assert LOCAL.findall(said) == []
    assert bool(one.source) == bool(one.source_name) and one.source.startswith(("https://", ""))


def test_entries_have_the_facts_of_the_demo_which_were_checked() -> None:
    """Checks that every number of a ready-made entry is in the demo's entry of the same id."""
    for one in TOWN:
        demo = next((ROOT / "data" / "faq").glob(f"*/{one.id}.md")).read_text(encoding="utf-8")
        body = re.sub(r"\[\[[^\]]*\]\]|\(https?://[^)]*\)", "", one.body)
        assert set(re.findall(r"\d+(?:[.,]\d+)*", body)) <= set(re.findall(r"\d+(?:[.,]\d+)*", demo)), one.id
        assert not one.source or one.source in demo


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ven a [[completar: dirección]] o [[Completar hora]].", [(1, "dirección"), (1, "hora")]),
        ("a\n[[ completar : x", [(2, "x")]),
        ("[[completar]]", [(1, "")]),
        ("[completar](https://x.cl) y [[otra cosa]]", []),
    ],
)
def test_marks_are_found_also_when_they_are_half_erased(text: str, found: list[tuple[int, str]]) -> None:
    assert list(marks_in(text)) == found


def test_folder_without_ready_made_entries_offers_none(tmp_path: Path) -> None:
    assert ready_made(tmp_path, MUNICIPALITY) == ready_made(tmp_path, SERVICE) == ()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("variantes:", "otra:"), "Falta «variantes»."),
        (("id: ", "otra: "), "Falta «id»."),
        (("pregunta: ", "pregunta: [sin cierre "), "Un texto no puede empezar con [ sin comillas."),
        (("---\n", ""), "---"),
    ],
)
def test_unusable_file_is_left_out_and_logged(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    folder = tmp_path / FOLDERS[MUNICIPALITY]
    copytree(ROOT / "data" / FOLDERS[MUNICIPALITY], folder)
    file = folder / ALL[0].path
    file.write_text(file.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with capture_logs() as lines:
        assert ready_made(tmp_path, MUNICIPALITY) == TOWN[1:]
    assert [(line["event"], line["file"]) for line in lines] == [("faq: ready-made entry left out", ALL[0].path)]
    assert expected in lines[0]["problem"]
