"""Tests that a row becomes the fields of an entry; blanks get defaults, useless values are reported by cell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.faq.imports import import_row
from bot.faq.imports.sheet import Line
from bot.faq.imports.sheet_cell import Cell
from bot.faq.imports.sheet_problem import SheetFound
from tests.faq_files import agency

TODAY = date(2026, 11, 24)
FULL = {"pregunta": "¿Dónde?", "respuesta": "Aquí.", "variantes": "donde", "tema": "Calle", "fuente": "https://x.cl"}


def line(**texts: str | Cell) -> Line:
    whole = FULL | texts
    cells = {name: one if isinstance(one, Cell) else Cell(one) for name, one in whole.items()}
    return Line(7, {name: (at, cell) for at, (name, cell) in enumerate(cells.items(), start=1)})


def told(**texts: str | Cell) -> tuple[set[str], list[str]]:
    found = SheetFound()
    bad = import_row.unusable(line(**texts), found)
    return bad, [problem.spot.name for problem in found.problems]


def header(**texts: str) -> dict[str, Any]:
    return import_row.header(line(**texts), "donde", agency(), TODAY)


def test_full_row_has_nothing_to_report() -> None:
    assert told() == (set(), [])


@pytest.mark.parametrize("name", sorted({*FULL} - {"variantes"}))
def test_forbidden_blank_is_reported_at_its_cell(name: str) -> None:
    assert told(**{name: ""}) == ({name}, [name])


@pytest.mark.parametrize("variants", ["", "|", " | \n | ", "\n\n"])
def test_question_is_the_only_utterance_of_a_row_without_any(variants: str) -> None:
    assert told(variantes=variants) == (set(), [])
    assert import_row.variants(line(variantes=variants)) == ["¿Dónde?"]


@pytest.mark.parametrize("name", ["pregunta", "responsable"])
def test_invisible_character_or_bad_formula_is_reported(name: str) -> None:
    assert told(**{name: "a\x07b"})[0] == {name}
    assert told(**{name: Cell("#N/A", "formula_con_error")})[0] == {name}


@pytest.mark.parametrize("topic", ["!!!", "🦙", "---"])
def test_topic_without_letters_is_reported_and_still_has_a_name(topic: str) -> None:
    assert told(tema=topic)[0] == {"tema"}
    assert import_row.topic(line(tema=topic)) == "tema"


def test_blanks_get_the_agencys_defaults_and_todays_date() -> None:
    made = header()
    assert (made["equipo"], made["responsable"], made["revisado"], made["vence"]) == (
        agency().default_team,
        agency().short_name,
        "2026-11-24",
        "",
    )
    assert (made["id"], made["tema"], made["fuente"]) == ("donde", "calle", "https://x.cl")


@pytest.mark.parametrize(
    ("given", "written"),
    [("30-11-2026", "2026-11-30"), ("1/2/2026", "2026-02-01"), ("2026-11-30", "2026-11-30"), ("pronto", "pronto")],
)
def test_date_is_read_day_first(given: str, written: str) -> None:
    assert header(vence=given)["vence"] == written
    assert header(revisado=given)["revisado"] == written


def test_team_may_be_written_by_key_or_by_name() -> None:
    key, name = list(agency().teams.items())[-1]
    assert header(equipo=key)["equipo"] == key
    assert header(equipo=name.upper())["equipo"] == key
    assert header(equipo="nadie")["equipo"] == "nadie"


@pytest.mark.parametrize(
    ("cell", "variants"),
    [
        ("uno|dos", ["uno", "dos"]),
        ("uno\ndos | tres ", ["uno", "dos", "tres"]),
        ("uno|Uno|¡UNO!", ["uno"]),
        ("uno; dos;tres", ["uno", "dos", "tres"]),
        ("Perdí mi carnet; ¿qué hago?", ["Perdí mi carnet; ¿qué hago?"]),
        ("uno; sí|dos", ["uno; sí", "dos"]),
        ("¿Dónde?|uno", ["uno"]),
        ("donde", ["donde"]),
    ],
)
def test_utterances_are_unique_in_order_without_the_question(cell: str, variants: list[str]) -> None:
    assert import_row.variants(line(variantes=cell)) == variants


def test_answer_keeps_its_lines_and_loses_invisible_characters() -> None:
    assert import_row.body(line(respuesta="uno\n\n- dos\x07")) == "uno\n\n- dos"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("www.x.cl/horario", "https://www.x.cl/horario"),
        ("X.gob.cl", "https://X.gob.cl"),
        ("http://x.cl", "http://x.cl"),
        ("la página", "la página"),
        ("ordenanza.pdf", "ordenanza.pdf"),
        ("x.cl/ordenanza.pdf", "https://x.cl/ordenanza.pdf"),
        ("oirs@x.cl", "oirs@x.cl"),
        ("", ""),
    ],
)
def test_address_without_its_beginning_is_made_whole(written: str, address: str) -> None:
    assert header(fuente=written)["fuente"] == address


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("Valores:\n- Adultos\n- Niños\nSe paga aquí.", "Valores:\n- Adultos\n- Niños\n\nSe paga aquí."),
        ("1) Uno\n2) Dos\n**Costo:** mil.", "1) Uno\n2) Dos\n\n**Costo:** mil."),
        ("1. Uno\nque sigue\n2. Dos\nFin.", "1. Uno\nque sigue\n2. Dos\n\nFin."),
        ("- Uno\n  sigue\n- Dos\n\nFin.", "- Uno\n  sigue\n- Dos\n\nFin."),
    ],
)
def test_line_below_a_list_in_a_cell_is_a_paragraph(cell: str, answer: str) -> None:
    assert import_row.body(line(respuesta=cell)) == answer


def test_list_of_a_markdown_file_stays_as_written() -> None:
    read = replace(line(respuesta="- Uno largo\nque sigue"), file="a.md")
    assert import_row.body(read) == "- Uno largo\nque sigue"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("¿CUÁL ES EL HORARIO DE INGRESO?", "¿Cuál es el horario de ingreso?"),
        ("¿Qué es la DGAC?", "¿Qué es la DGAC?"),
        ("¿DGAC?", "¿DGAC?"),
    ],
)
def test_question_in_capitals_is_written_in_small_letters(written: str, title: str) -> None:
    assert header(pregunta=written)["pregunta"] == title


@pytest.mark.parametrize(
    ("written", "answer", "title"),
    [
        ("¿CÓMO ME INSCRIBO EN EL RSH?", "En la oficina.", "¿Cómo me inscribo en el RSH?"),
        ("¿DÓNDE QUEDA LA DIDECO Y EL SII?", "La DIDECO y el SII, al lado.", "¿Dónde queda la DIDECO y el SII?"),
        ("¿DÓNDE QUEDA LA DIDECO?", "LA DIDECO ESTÁ AL LADO.", "¿Dónde queda la dideco?"),
    ],
)
def test_acronyms_of_a_question_in_capitals_stay(written: str, answer: str, title: str) -> None:
    assert header(pregunta=written, respuesta=answer)["pregunta"] == title


@pytest.mark.parametrize("note", ["PENDIENTE preguntar a dirección", "Por confirmar", "xxx", "falta la respuesta"])
def test_reminder_of_an_answer_to_come_is_no_answer(note: str) -> None:
    assert told(respuesta=note)[0] == {"respuesta"}


@pytest.mark.parametrize(
    "answer",
    [
        "Pendiente de pago: vea la web.",
        "XX Feria del Libro, en marzo.",
        f"Pendiente de revisión significa que {'x ' * 40}",
    ],
)
def test_answer_that_begins_like_a_reminder_is_one(answer: str) -> None:
    assert told(respuesta=answer) == (set(), [])


@pytest.mark.parametrize("never", ["siempre", "No vence", "indefinido"])
def test_answer_that_never_expires_has_no_last_day(never: str) -> None:
    assert header(vence=never)["vence"] == ""


def test_answer_that_was_never_reviewed_does_not_say_that_it_was_today() -> None:
    assert header(revisado="nunca")["revisado"] == "nunca"  # which is an error of the entry
