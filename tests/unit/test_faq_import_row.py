"""Tests that a row becomes the fields of an entry; blanks get defaults, useless values are reported by cell."""

from __future__ import annotations

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
