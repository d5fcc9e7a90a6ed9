"""Tests that headings of other programs' tables are understood, and that columns can be chosen otherwise."""

from __future__ import annotations

import pytest

from bot.faq.entries.schema import field_names
from bot.faq.imports.columns import OTHER_NAMES, at, exact_field, guess, likely
from bot.faq.imports.sheet_cell import Cell, Row


def table(*rows: str) -> list[Row]:
    """Returns rows whose cells are separated by bars in the texts."""
    return [Row(number, tuple(map(Cell.from_text, row.split("|")))) for number, row in enumerate(rows, start=1)]


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        ("pregunta|respuesta|tema", {"pregunta": 1, "respuesta": 2, "tema": 3}),
        (
            "N°|Consulta frecuente|RESPUESTA OFICIAL|Categoría|Link",
            {"pregunta": 2, "respuesta": 3, "tema": 4, "fuente": 5},
        ),
        ("Título|Descripción|Unidad|Última revisión", {"pregunta": 1, "respuesta": 2, "responsable": 3, "revisado": 4}),
        ("question|answer|topic|url", {"pregunta": 1, "respuesta": 2, "tema": 3, "fuente": 4}),
        ("Título|Pregunta|Respuesta", {"pregunta": 2, "respuesta": 3}),
    ],
)
def test_headings_of_other_tables_name_their_fields(headings: str, columns: dict[str, int]) -> None:
    assert guess(table(headings, "a|b|c|d|e")).of == columns


def test_utterances_and_addresses_are_found_though_the_heading_of_the_question_is_unknown() -> None:
    rows = table(
        "N°|Lo que traen al mesón|Se les dice|Otras formas en que lo dicen|Ver en",
        "1|¿Prestan casco?|No, se vende.|hay casco; arriendan casco|https://bici.example/casco",
        "2|¿Hasta qué hora?|Hasta las 23.|a que hora cierran; domingo|https://bici.example/horario",
    )
    assert guess(rows).of == {"variantes": 4, "fuente": 5}
    assert likely(rows, guess(rows)) == {"pregunta": 2, "respuesta": 3}


def test_other_ways_are_no_utterances_if_they_are_the_only_questions() -> None:
    rows = table("Otras consultas que nos hacen|Detalle", "¿Prestan casco?|No.", "¿Hasta qué hora?|Hasta las 23.")
    assert (guess(rows).of, likely(rows, guess(rows))) == ({"respuesta": 2}, {"pregunta": 1})


def test_headings_below_a_title_and_a_first_row_of_groups_are_found() -> None:
    rows = table("Preguntas frecuentes 2026", "Contenido||Datos|", "Pregunta|Respuesta|Tema|Enlace", "a|b|c|d")
    assert (guess(rows).index, guess(rows).of) == (2, {"pregunta": 1, "respuesta": 2, "tema": 3, "fuente": 4})


def test_row_of_headings_can_be_given_by_its_number() -> None:
    rows = [*table("Pregunta|Respuesta"), Row(5, (Cell("Duda"), Cell("Detalle")))]
    assert (at(rows, 5).index, at(rows, 5).of) == (1, {"pregunta": 1, "respuesta": 2})
    with pytest.raises(ValueError):
        at(rows, 3)


def test_other_names_are_of_fields_and_name_one_field_each() -> None:
    lines = OTHER_NAMES.read_text(encoding="utf-8").splitlines()[1:]
    listed = {line.partition(":")[0]: line.partition("[")[2].rstrip("]").split(", ") for line in lines}
    assert set(listed) <= {"respuesta", "no_responde", *field_names()}
    each = [name for names in listed.values() for name in names]
    assert len(each) == len(set(each))
    assert [name for name in each if exact_field(name)] == []


def test_headings_below_merged_ones_are_read_and_not_the_numbers_of_the_rows() -> None:
    rows = table(
        "LO QUE PREGUNTAN||LO QUE RESPONDEMOS",
        "N°|Consulta del usuario|Respuesta que damos|Vigencia|Área",
        "1|Cómo saco la matrícula|La entrega la Capitanía.||Atención",
        "2|Arriendo de bodega de redes|Se pide por carta.|31/12/2026|Cobranzas",
    )
    found = guess(rows)
    assert (found.index, found.of) == (1, {"pregunta": 2, "respuesta": 3, "vence": 4, "tema": 5})


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        ("Consulta recibida por|Lo que se dice", ("correo|No se puede entrar", "mesón|Solo con pase al día")),
        ("Consultas del mes|Respuesta enviada el", ("12|01/03/2026", "30|02/03/2026")),
    ],
)
def test_columns_without_sentences_are_neither_question_nor_answer(headings: str, cells: tuple[str, ...]) -> None:
    assert "pregunta" not in guess(table(f"Tema|{headings}", *(f"a|{one}" for one in cells))).of
