"""Tests what an editor may write in an FAQ file, and the problems reported otherwise."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.messages import Source
from bot.faq.entries.folder import Folder, load_files, load_folder
from bot.faq.entries.problem import Severity
from tests.faq_files import GOOD_ENTRY as GOOD
from tests.rows import each_row

TEAMS = {"transito": "Dirección de Tránsito", "aseo": "Aseo"}
TODAY = date(2026, 11, 24)


def load(text: str | bytes, name: str = "calle/bache.md") -> Folder:
    content = text if isinstance(text, bytes) else text.encode()
    return load_files({name: content}, TEAMS, today=TODAY)


def told(text: str | bytes, name: str = "calle/bache.md") -> list[tuple[int, str]]:
    return [(problem.line, problem.field) for problem in load(text, name).problems]


def test_good_file_is_an_entry() -> None:
    folder = load(GOOD)
    entry = folder.entries[0]
    assert folder.problems == ()
    assert (entry.id, entry.topic, entry.team, entry.path) == ("bache", "calle", "transito", "calle/bache.md")
    assert entry.variants == ("hay un hoyo en mi calle", "se me reventó la rueda en un evento")
    assert entry.source == Source("Municipalidad de Los Aromos", "https://www.losaromos.example/baches")
    assert (entry.reviewed, entry.expires, entry.audience) == (date(2026, 11, 1), None, {})
    assert entry.body == "Escríbenos con la **dirección exacta**."
    assert len(entry.version) == 12


def test_all_problems_of_a_file_are_reported_together() -> None:
    broken = (
        GOOD.replace("equipo: transito", "equipo: transitos")
        .replace("fuente: https", "fuente: http")
        .replace("revisado: 2026-11-01", "revisado: 01/11/2026")
        .replace("tema: calle\n", "")
        .replace("responsable:", "responsables:")
        .replace("Escríbenos con la **dirección exacta**.", "<script>alert(1)</script>")
    )
    assert told(broken) == [
        (2, "tema"),
        (2, "responsable"),
        (7, "equipo"),
        (8, "fuente"),
        (10, "responsables"),
        (11, "revisado"),
        (14, ""),
    ]


def test_another_agencys_faq_may_name_any_team() -> None:
    folder = load_files({"calle/bache.md": GOOD.encode()}, None, today=TODAY)
    assert folder.problems == ()
    assert load_files({"calle/bache.md": GOOD.encode()}, {"aseo": "Aseo"}, today=TODAY).entries == ()


def test_problem_states_what_is_wrong_and_the_fix() -> None:
    problem = load(GOOD.replace("revisado: 2026-11-01", "revisado: 1/11/2026")).problems[0]
    assert (problem.file, problem.line, problem.field) == ("calle/bache.md", 12, "revisado")
    assert problem.message == "«1/11/2026» no es una fecha."
    assert problem.fix == "Escríbela como año-mes-día: 2026-11-01"


@each_row(
    ("before", "after", "line", "fix"),
    [
        ("  - hay un hoyo", "\t- hay un hoyo", 5, "Borra el espacio del comienzo"),
        ("pregunta: ¿Cómo", "pregunta ¿Cómo", 3, "Escribe: pregunta: ¿Cómo"),
        ("pregunta: ¿Cómo", "pregunta:¿Cómo", 3, "Escribe: pregunta: ¿Cómo"),
        ("¿Cómo aviso de", "Ayuda: cómo aviso de", 3, 'Ponlo entre comillas: "Ayuda: cómo'),
        ("- hay un hoyo", "- @hay un hoyo", 5, 'Ponlo entre comillas: "@hay'),
        ("- hay un hoyo", '- "hay" un hoyo', 5, "Encierra el texto completo"),
        ("  - se me", "  -se me", 6, "Escribe: - se me"),
        ("  - se me", "    -algo\n  - se me", 5, "Pon un espacio después del guion de la siguiente."),
        ("  - hay un hoyo", "  -hay un hoyo", 4, "Después de «variantes:» va una por línea"),
        ("- hay un hoyo", "- oye: hay un hoyo", 5, "Ponla entera entre comillas dobles."),
        ("---\nid", "id", 1, "Escribe --- solo, en la primera línea"),
        ("---\n\nEscr", "\nEscr", 13, "Escribe --- solo, en una línea entre"),
        ("---\nid", "—\nid", 1, "Bórralo y escribe ---"),
        ("  - hay un hoyo", "hay un hoyo", 5, "Si es una variante"),
    ],
)
def test_broken_yaml_is_explained_on_its_line(before: str, after: str, line: int, fix: str) -> None:
    problem = load(GOOD.replace(before, after)).problems[0]
    assert problem.line == line
    assert problem.fix.startswith(fix)


@pytest.mark.parametrize("field", ["id", "pregunta", "tema", "equipo", "fuente", "responsable", "revisado"])
def test_missing_or_blank_field_is_named(field: str) -> None:
    lines = GOOD.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"{field}:"))
    missing = "\n".join(lines[:at] + lines[at + 1 :])
    blank = "\n".join([*lines[:at], f"{field}:", *lines[at + 1 :]])
    assert told(missing) == [(2, field)]
    assert told(blank) == [(at + 1, field)]


def test_unknown_field_suggests_the_nearest_name() -> None:
    problems = load(GOOD.replace("pregunta:", "preguntas:")).problems
    assert [problem.field for problem in problems] == ["pregunta", "preguntas"]
    assert problems[1].fix == "¿Quisiste escribir «pregunta»?"


def test_source_name_may_be_left_out() -> None:
    entry = load(GOOD.replace("fuente_nombre: Municipalidad de Los Aromos\n", "")).entries[0]
    assert entry.source.title == "losaromos.example"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (GOOD.encode("latin-1"), 3),
        (GOOD.encode("utf-16"), 1),
        (b"", 1),
        (b"   \n\n", 1),
        (GOOD.encode() + b"x" * 70_000, 1),
        (GOOD.replace("dirección", "direc\x00ción").encode(), 15),
        (b"---\n---\n", 2),
        (("---\nid: " + "[" * 1000 + "\n---\nhola").encode(), 2),
    ],
)
def test_unreadable_bytes_are_a_problem_with_its_line(content: bytes, line: int) -> None:
    folder = load(content)
    assert folder.entries == ()
    assert folder.problems[0].line == line


def test_windows_line_ends_and_a_byte_order_mark_are_accepted() -> None:
    folder = load(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert folder.problems == ()
    assert folder.entries[0].body == "Escríbenos con la **dirección exacta**."


@pytest.mark.parametrize(
    "body",
    ["<script>x</script>", "Hola <img src=x onerror=y>", "[pincha](javascript:alert(1))", "[x]: data:text/html,hola"],
)
def test_executable_body_is_refused_on_its_line(body: str) -> None:
    assert told(GOOD.replace("Escríbenos con la **dirección exacta**.", f"Primero.\n\n{body}")) == [(17, "")]


def test_html_inside_code_is_harmless() -> None:
    assert told(GOOD + "\nEscribe `<b>` así.\n") == []


def test_empty_answer_is_refused() -> None:
    assert told(GOOD[: GOOD.index("Escríbenos")]) == [(15, "")]


def test_id_and_topic_are_the_names_of_file_and_folder() -> None:
    assert told(GOOD, "parques/hoyo.md") == [(2, "id"), (7, "tema")]
    assert told(GOOD, "bache.md") == [(1, ""), (7, "tema")]


def test_expired_entry_is_kept_with_advice() -> None:
    folder = load(GOOD.replace("revisado:", "vence: 2026-11-23\nrevisado:"))
    assert [(problem.severity, problem.line) for problem in folder.problems] == [(Severity.ADVICE, 12)]
    assert folder.entries[0].expired(TODAY)


def test_entry_is_good_on_its_last_day() -> None:
    folder = load(GOOD.replace("revisado:", "vence: 2026-11-24\nrevisado:"))
    assert folder.problems == ()
    assert not folder.entries[0].expired(TODAY)


def test_utterance_shared_by_two_entries_is_advice_in_the_second() -> None:
    other = GOOD.replace("id: bache", "id: hoyo").replace("¿Cómo aviso de un hoyo en la calle?", "¿Qué es un hoyo?")
    other = other.replace("hay un hoyo en mi calle", "¡Hay un HOYO en mi calle!")
    files = {"calle/bache.md": GOOD.encode(), "calle/hoyo.md": other.replace("evento", "socavón").encode()}
    folder = load_files(files, TEAMS, today=TODAY)
    assert [entry.id for entry in folder.entries] == ["bache", "hoyo"]
    told = [(problem.file, problem.line, problem.severity) for problem in folder.problems]
    assert told == [("calle/hoyo.md", 5, Severity.ADVICE)]


@pytest.mark.parametrize(
    ("again", "line"),
    [("¡Hay un HOYO en mi calle!", 6), ("hay un hoyo en mi calle", 6), ("¿Cómo aviso de un hoyo en la calle?", 6)],
)
def test_utterance_twice_in_a_file_disables_nothing(again: str, line: int) -> None:
    folder = load(GOOD.replace("  - hay un hoyo en mi calle\n", f'  - hay un hoyo en mi calle\n  - "{again}"\n'))
    assert [entry.id for entry in folder.entries] == ["bache"]
    assert [(one.line, one.severity, one.fix) for one in folder.problems] == [
        (line, Severity.ADVICE, "Borra una de las dos.")
    ]


@pytest.mark.parametrize(("field", "limit", "line"), [("pregunta", 200, 3), ("variantes", 300, 5)])
def test_long_sentence_is_served_whole_with_advice(field: str, limit: int, line: int) -> None:
    before = "¿Cómo aviso de un hoyo en la calle?" if field == "pregunta" else "hay un hoyo en mi calle"
    long = "hoyo" + "s" * (limit - 3)
    folder = load(GOOD.replace(before, long))
    assert [(one.line, one.field, one.severity) for one in folder.problems] == [(line, field, Severity.ADVICE)]
    assert long in folder.entries[0].utterances


def test_id_may_repeat_only_for_another_audience() -> None:
    other = GOOD.replace("revisado:", "audiencia: {comuna: [los-aromos]}\nrevisado:")
    files = {"calle/bache.md": GOOD.encode(), "calle/bache.los-aromos.md": other.encode()}
    assert load_files(files, TEAMS, today=TODAY).problems == ()
    twins = {**files, "calle/bache.otra.md": other.encode()}
    assert [problem.field for problem in load_files(twins, TEAMS, today=TODAY).problems] == ["id"]


def test_only_entry_files_of_the_folder_are_read(tmp_path: Path) -> None:
    faq = tmp_path / "faq"
    (faq / "calle").mkdir(parents=True)
    (faq / "calle" / "bache.md").write_text(GOOD)
    for name in (".bache.md.swp", "bache.md~", ".#bache.md", "#bache.md#", "~$bache.md", "4913", "notas.txt"):
        (faq / "calle" / name).write_text("basura")
    (tmp_path / "secreto.md").write_text("basura")
    (faq / "calle" / "enlace.md").symlink_to(tmp_path / "secreto.md")
    (faq / "calle" / "roto.md").symlink_to(tmp_path / "no-existe.md")
    folder = load_folder(faq, TEAMS, today=TODAY)
    assert [entry.path for entry in folder.entries] == ["calle/bache.md"]
    assert folder.problems == ()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_raise(content: bytes) -> None:
    folder = load(content)
    assert folder.entries == () and folder.problems


def test_file_whose_name_is_not_utf_8_has_problems_that_can_be_shown(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"tr\xe1mite.md")).write_text(GOOD, encoding="utf-8")
    folder = load_folder(tmp_path, None)
    assert {one.file for one in folder.problems} == {"tr�mite.md"}
    assert "".join(one.message + one.fix for one in folder.problems).encode()


HEADER_TEXT = st.text(st.characters(codec="utf-8", max_codepoint=0x24FF), max_size=60)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 40), HEADER_TEXT)
def test_no_damage_to_a_good_file_raises(at: int, cut: int, typed: str) -> None:
    folder = load(GOOD[:at] + typed + GOOD[at + cut :])
    assert folder.entries or folder.problems
    assert all(problem.line >= 1 and problem.message and problem.fix for problem in folder.problems)
