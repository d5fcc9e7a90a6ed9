"""Tests the rule of each header field of an entry, at its limits and beyond."""

from __future__ import annotations

from datetime import date

import pytest
from yaml import MappingNode, SafeLoader, YAMLError, compose

from bot.faq.entries import fields, front_matter
from bot.faq.entries.front_matter import FrontMatter
from bot.faq.entries.problem import Found
from tests.rows import each_row

TEAMS = {"transito": "Dirección de Tránsito", "aseo": "Aseo"}


def header(yaml: str) -> tuple[FrontMatter, Found]:
    found = Found("calle/bache.md")
    read = front_matter.read(f"---\n{yaml}\n---\nAsí.", found)
    assert read is not None and found.problems == []
    return read, found


def told(found: Found) -> list[tuple[int, str]]:
    return [(problem.line, problem.field) for problem in found.problems]


@each_row(
    "written",
    [
        "id: a\npregunta:\t¿Qué?",
        "id: a\n? pregunta",
        "id: a\n- ? b",
        "- id",
        "id: [a\npregunta: b",
        "id: 'a\n\n  b'\npregunta: >\n  c\n  d",
        "id: a\n\n# nota\npregunta: ¿Qué 😀?  # otra",
        "vence: 2026-13-45\n<<: b",
    ],
)
def test_header_is_read_as_the_parser_in_python_reads_it(written: str) -> None:
    read = front_matter.read(f"---\n{written}\n---\n", Found("calle/bache.md"))
    assert read is not None
    found = [(name, one.node.value, read.line_of(one.node)) for name, one in read.fields.items()]
    try:
        root = compose(written, Loader=SafeLoader)
    except YAMLError:
        root = None
    pairs = root.value if isinstance(root, MappingNode) else []
    assert found == [(key.value, value.value, value.start_mark.line + 2) for key, value in pairs]
    assert read.readable is isinstance(root, MappingNode)


@pytest.mark.parametrize("id", ["a", "7", "bache", "pago-de-patente-2026", "x" * 60])
def test_valid_id_is_the_files_name(id: str) -> None:
    read, found = header(f"id: {id}\ntema: calle")
    assert fields.identity(read, "calle", id, found) == (id, "calle")
    assert fields.identity(read, "calle", f"{id}.los-aromos", found) == (id, "calle")
    assert told(found) == []


@pytest.mark.parametrize("id", ["Bache", "ba_che", "-bache", "bache-", "ba--che", "baché", "ba che", "../bache", "٧"])
def test_invalid_id_is_reported(id: str) -> None:
    read, found = header(f"id: {id}\ntema: calle")
    fields.identity(read, "calle", id, found)
    assert told(found) == [(2, "id")]


def test_topic_may_be_written_with_its_accents() -> None:
    read, found = header("id: poda\ntema: Áreas verdes")
    assert fields.identity(read, "areas-verdes", "poda", found) == ("poda", "Áreas verdes")
    assert told(found) == []
    fields.identity(read, "areas", "poda", found)
    assert told(found) == [(3, "tema")]


def test_id_of_another_file_and_topic_of_another_folder_are_reported() -> None:
    read, found = header("id: bache\ntema: calle")
    fields.identity(read, "plaza", "bachee", found)
    assert told(found) == [(2, "id"), (3, "tema")]


def test_long_text_is_served_whole_with_single_spaces() -> None:
    read, found = header(f"pregunta: {'ñ' * 200}\nresponsable: Uno   dos")
    assert fields.text(read, "pregunta", found) == "ñ" * 200
    assert fields.text(read, "responsable", found) == "Uno dos"
    assert (fields.text(read, "fuente", found), told(found)) == ("", [])
    read, found = header(f"pregunta: {'ñ' * 201}")
    assert fields.text(read, "pregunta", found) == "ñ" * 201
    assert told(found) == [(2, "pregunta")]


@pytest.mark.parametrize("yaml", ["pregunta:", "pregunta: ''", "pregunta: [a, b]", "pregunta: {a: b}"])
def test_field_without_text_is_reported_once(yaml: str) -> None:
    read, found = header(yaml)
    assert fields.text(read, "pregunta", found) == ""
    assert told(found) == [(2, "pregunta")]


def test_utterances_keep_their_lines_and_bad_ones_are_reported_there() -> None:
    read, found = header("variantes:\n  - hay un hoyo\n  - a: b\n  - [x]\n  - '!!'\n  - ''\n  - 12")
    assert fields.variants(read, found) == (("hay un hoyo", 3), ("12", 8))
    assert told(found) == [(line, "variantes") for line in (4, 5, 6, 7)]


def test_two_joined_utterances_are_reported() -> None:
    read, found = header("variantes:\n  - hay un hoyo\n    -el pavimento está roto")
    assert fields.variants(read, found)[0][1] == 3
    assert told(found) == [(3, "variantes")]


@pytest.mark.parametrize("yaml", ["variantes:", "variantes: hay un hoyo", "variantes: []", "variantes: {a: b}"])
def test_utterances_that_are_no_list_are_reported(yaml: str) -> None:
    read, found = header(yaml)
    assert fields.variants(read, found) == ()
    assert told(found) == [(2, "variantes")]


def test_utterances_have_a_maximum() -> None:
    lines = "\n".join(f"  - hoyo {number}" for number in range(fields.MAX_VARIANTS + 1))
    read, found = header(f"variantes:\n{lines}")
    assert len(fields.variants(read, found, "bache.frases.txt")) == fields.MAX_VARIANTS
    assert told(found) == [(2, "variantes"), (15, "variantes")]
    assert "bache.frases.txt" in found.problems[1].fix


@pytest.mark.parametrize("url", ["https://www.x.cl", "https://x.cl/a?b=c#d", "https://x.cl:8443/", "HTTPS://X.CL/Ñ"])
def test_https_page_is_a_source(url: str) -> None:
    read, found = header(f"fuente: {url}")
    assert (fields.url(read, found), told(found)) == (url, [])


@pytest.mark.parametrize(
    ("url", "fix"),
    [
        ("http://www.x.cl/a", "https://www.x.cl/a"),
        ("HTTP://www.x.cl/a", "https://www.x.cl/a"),
        ("www.chileatiende.gob.cl/fichas", "https://www.chileatiende.gob.cl/fichas"),
        ("chileatiende.gob.cl", "https://chileatiende.gob.cl"),
        ("//www.x.cl", "https://www.x.cl"),
        ("http:/www.x.cl", "https://www.x.cl"),
        ("ftp://www.x.cl", "https://..."),
        ("javascript:alert(1)", "https://..."),
    ],
)
def test_other_address_is_reported_with_the_right_one(url: str, fix: str) -> None:
    read, found = header(f"fuente: '{url}'")
    fields.url(read, found)
    (problem,) = found.problems
    assert fix in problem.fix.split()


@pytest.mark.parametrize("url", ["https://", "https://localhost", "https://www.x.cl/a b", "https:///a.b", "https:x.cl"])
def test_address_without_a_host_is_reported(url: str) -> None:
    read, found = header(f"fuente: {url}")
    fields.url(read, found)
    assert told(found) == [(2, "fuente")]


def test_unparsable_address_is_reported() -> None:
    read, found = header("fuente: 'https://[::1'")
    fields.url(read, found)
    assert told(found) == [(2, "fuente")]


@pytest.mark.parametrize(("written", "day"), [("2026-11-30", date(2026, 11, 30)), ("2028-02-29", date(2028, 2, 29))])
def test_date_is_read(written: str, day: date) -> None:
    read, found = header(f"revisado: {written}")
    assert (fields.day(read, "revisado", found), told(found)) == (day, [])
    assert fields.day(read, "vence", found) is None


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        ("30-11-2026", "2026-11-30"),
        ("1/2/2026", "2026-02-01"),
        ("30.11.2026", "2026-11-30"),
        ("2026-02-30", "2026-11-30"),
        ("2027-02-29", "2026-11-30"),
        ("mañana", "2026-11-30"),
        ("20261130", "2026-11-30"),
        ("2026-11-30 10:00", "2026-11-30"),
        ("٢٠٢٦-١١-٣٠", "2026-11-30"),
    ],
)
def test_invalid_date_is_reported_with_the_right_format(written: str, fix: str) -> None:
    read, found = header(f"vence: '{written}'")
    assert fields.day(read, "vence", found) is None
    assert fix in found.problems[0].fix


def test_team_is_one_of_the_agencys_and_the_nearest_is_suggested() -> None:
    read, found = header("equipo: transitos")
    assert fields.team(read, TEAMS, found) == "transitos"
    assert "transito" in found.problems[0].fix
    read, found = header("equipo: zzzz")
    fields.team(read, TEAMS, found)
    assert "aseo" in found.problems[0].fix
    read, found = header("equipo: zzzz")
    assert (fields.team(read, None, found), told(found)) == ("zzzz", [])


def test_unknown_and_missing_fields_are_reported() -> None:
    read, found = header("id: a\nPregunta: b\nzzzzzz: c")
    fields.keys(read, found)
    missing = [name for name in fields.REQUIRED if name != "id"]
    assert told(found) == [(3, "Pregunta"), (4, "zzzzzz"), *((2, name) for name in missing)]
    assert "pregunta" in found.problems[0].fix


@pytest.mark.parametrize(
    ("yaml", "audience"),
    [
        ("audiencia: {comuna: los-aromos}", {"comuna": ("los-aromos",)}),
        ("audiencia: {comuna: [b, a]}", {"comuna": ("a", "b")}),
        ("id: x", {}),
    ],
)
def test_audience_is_names_with_values_in_order(yaml: str, audience: dict[str, tuple[str, ...]]) -> None:
    read, found = header(yaml)
    assert (fields.audience(read, found), told(found)) == (audience, [])


@pytest.mark.parametrize(
    "yaml", ["audiencia: todos", "audiencia: [a]", "audiencia: {comuna: }", "audiencia: {comuna: {a: b}}"]
)
def test_invalid_audience_is_reported(yaml: str) -> None:
    read, found = header(yaml)
    fields.audience(read, found)
    assert told(found) == [(2, "audiencia")]
