"""Tests reading the messages of an evaluation; an unusable line is explained."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from evaluation_fakes import Scripted, candidates

from bot.evaluation.asking import Setup, ask, ask_all
from bot.evaluation.queries import Query, load
from bot.faq.answering.decision import Decision
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder
from tests.faq_files import ROOT, agency, write_folder

IDS = {"bache", "licencia-renovar"}
SETUP = Setup(date(2026, 11, 24), choices=2)


def read(tmp_path: Path, *lines: str) -> tuple[tuple[Query, ...], list[str]]:
    path = tmp_path / "mensajes.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    found = load(path, IDS)
    return found.queries, [problem.words(path.name) for problem in found.problems]


def test_messages_follow_ups_and_batches_are_read(tmp_path: Path) -> None:
    queries, problems = read(
        tmp_path,
        '\ufeff{"text": "hay un hoyo", "faq": "bache", "kind": "typos"}',
        "",
        '{"turns": ["hay un hoyo", "¿y cuánto demora?"], "faq": "bache"}',
        '{"parts": ["hola", "se me venció la licencia"], "faq": "licencia-renovar", "also": "bache", "kind": "two"}',
        '{"text": "¿quién ganó?", "kind": "far"}',
        '{"text": "\u2028 otra línea", "faq": null, "nota": 1}',
    )
    assert problems == []
    assert queries == (
        Query(("hay un hoyo",), "bache", "typos", line=1),
        Query(("hay un hoyo", "¿y cuánto demora?"), "bache", "in", line=3),
        Query(("hola\nse me venció la licencia",), "licencia-renovar", "two", "bache", line=4),
        Query(("¿quién ganó?",), None, "far", line=5),
        Query(("\u2028 otra línea",), None, "out", line=6),
    )
    assert queries[2].wanted == {"bache", "licencia-renovar"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{'text': 'x'}", "línea 2: La línea no es JSON. Escribe un objeto en una sola línea"),
        ("[" * 100_000, "línea 2: La línea no es JSON."),
        ('["x"]', "línea 2: La línea es JSON, pero no un objeto."),
        ('{"faq": "bache"}', "línea 2 (text): Falta el texto del mensaje. Agrega"),
        ('{"text": "x", "turns": ["x", "y"]}', "línea 2 (text): Hay más de un texto: text, turns."),
        ('{"text": ["x"]}', "línea 2 (text): «text» no es un texto."),
        ('{"text": " "}', "línea 2 (text): Hay un texto sin palabras."),
        ('{"turns": "x"}', "línea 2 (turns): «turns» no es una lista de textos."),
        ('{"turns": ["x"]}', "línea 2 (turns): Una conversación tiene al menos dos mensajes."),
        ('{"parts": []}', "línea 2 (parts): «parts» no es una lista de textos."),
        ('{"parts": ["x", 1]}', "línea 2 (parts): «parts» no es una lista de textos."),
        ('{"text": "x", "faq": "zzz"}', "línea 2 (faq): No existe ninguna respuesta «zzz». Escribe el id"),
        ('{"text": "x", "faq": "baches"}', "línea 2 (faq): No existe ninguna respuesta «baches». ¿Quisiste escribir"),
        ('{"text": "x", "faq": ["bache"]}', "línea 2 (faq): No existe ninguna respuesta"),
        ('{"text": "x", "faq": ""}', "línea 2 (faq): No existe ninguna respuesta «»."),
        ('{"text": "x", "faq": "bache", "also": "zzz"}', "línea 2 (also): No existe ninguna respuesta «zzz»."),
        ('{"text": "x", "also": "bache"}', "línea 2 (also): Hay una segunda respuesta, pero no una primera."),
        ('{"text": "x", "kind": 3}', "línea 2 (kind): «kind» no es un texto."),
    ],
)
def test_unusable_line_is_explained(tmp_path: Path, line: str, expected: str) -> None:
    queries, problems = read(tmp_path, '{"text": "bien"}', line)
    assert len(queries) == 1
    assert [problem.startswith(f"✗ mensajes.jsonl, {expected}") for problem in problems] == [True]


def test_all_bad_lines_are_reported_together(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "x", '{"text": "bien"}', '{"text": "", "faq": "zzz", "kind": ""}')
    assert [problem.split(":")[0] for problem in problems] == [
        "✗ mensajes.jsonl, línea 1",
        "✗ mensajes.jsonl, línea 3 (text)",
        "✗ mensajes.jsonl, línea 3 (faq)",
        "✗ mensajes.jsonl, línea 3 (kind)",
    ]


def test_file_without_messages_is_explained(tmp_path: Path) -> None:
    assert read(tmp_path, "")[1] == [
        '✗ mensajes.jsonl: El archivo no tiene ningún mensaje. Escribe uno por línea: {"text": "...", "faq": '
        '"id-de-la-respuesta", "kind": "in"}'
    ]
    assert load(tmp_path / "nada.jsonl", IDS).problems[0].message == "No se puede abrir el archivo."
    (tmp_path / "latin.jsonl").write_bytes(b'{"text": "\xf1"}')
    assert load(tmp_path / "latin.jsonl", IDS).problems[0].message == "El archivo no está guardado como UTF-8."


def test_example_of_the_docs_is_valid(tmp_path: Path) -> None:
    docs = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    example = docs.partition("```json\n")[2].partition("```")[0]
    (tmp_path / "mensajes.jsonl").write_text(example, encoding="utf-8")
    ids = {entry.id for entry in load_folder(ROOT / "data" / "faq", agency().teams).entries}
    found = load(tmp_path / "mensajes.jsonl", ids)
    assert (len(found.queries), found.problems) == (6, ())


@pytest.fixture
def entries(tmp_path: Path) -> dict[str, Entry]:
    folder = load_folder(write_folder(tmp_path / "faq"), agency().teams)
    return {entry.id: entry for entry in folder.entries}


def test_follow_up_knows_the_previous_answer(entries: dict[str, Entry]) -> None:
    script = {
        "uno": Decision("answer", candidates(bache=0.9), entries["bache"]),
        "dos": Decision("answer", candidates(chip=0.9), entries["chip"], entries["basura"]),
        "aclara": Decision("clarify", candidates(chip=0.4, basura=0.3)),
        "persona": Decision("handoff", candidates(chip=0.1)),
    }
    answers = Scripted(script)
    for turns in (("uno", "y"), ("dos", "y"), ("uno", "aclara", "y"), ("uno", "persona", "y"), ("aclara", "y")):
        ask(answers, Query(turns), SETUP)
    assert [previous for text, previous in answers.asked if text == "y"] == ["bache", "basura", "bache", None, None]


def test_decisions_are_kept_with_their_candidates(entries: dict[str, Entry]) -> None:
    chances = candidates(bache=0.9, chip=0.05, basura=0.01)
    answers = Scripted(
        {
            "a": Decision("answer", chances, entries["bache"], entries["chip"]),
            "c": Decision("clarify", chances),
            "h": Decision("handoff", chances, entries["bache"]),
        }
    )
    found = list(ask_all(answers, [Query((text,)) for text in "ach?"], SETUP))
    assert [(one.kind, one.answers, one.offered, one.confidence) for one in found] == [
        ("answer", ("bache", "chip"), (), 0.9),
        ("clarify", (), ("bache", "chip"), 0.9),
        ("handoff", (), (), 0.9),
        ("handoff", (), (), 0.0),
    ]
    assert all(one.milliseconds >= 0 for one in found)
    assert [text for text, _ in answers.asked] == [*"ach?", *"ach?"]


def test_answer_of_several_variants_counts_as_the_entry_that_it_is(entries: dict[str, Entry]) -> None:
    both = Decision("answer", candidates(chip=0.9), variants=(entries["chip"], entries["chip"]))
    answers = Scripted({"v": both})
    found = ask(answers, Query(("v",), "chip"), SETUP)
    assert (found.answers, found.right) == (("chip",), True)
    ask(answers, Query(("v", "y")), SETUP)
    assert answers.asked[-1] == ("y", "chip")
