"""Tests parsing CSV: delimiter, headings, encodings, and broken quotes reported on their row."""

from __future__ import annotations

import csv
from collections.abc import Iterable

import pytest

from bot.faq.imports import sheet_csv
from bot.faq.imports.sheet_cell import MAX_COLUMNS
from bot.faq.imports.sheet_problem import SheetFound, Spot

HEADINGS = {"pregunta", "respuesta"}


def known(texts: Iterable[str]) -> int:
    return sum(text in HEADINGS for text in texts)


def read(raw: bytes | str) -> tuple[list[tuple[int, list[str]]] | None, list[Spot]]:
    found = SheetFound()
    rows = sheet_csv.rows(raw.encode() if isinstance(raw, str) else raw, known, found)
    texts = None if rows is None else [(row.number, [cell.text for cell in row.cells]) for row in rows]
    return texts, [problem.spot for problem in found.problems]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_delimiter_is_the_one_that_gives_most_headings(delimiter: str) -> None:
    text = f"pregunta{delimiter}respuesta\na;b,c\td{delimiter}e"
    rows, told = read(text)
    assert told == []
    assert rows and rows[0] == (1, ["pregunta", "respuesta"])
    assert rows[1][1][-1] == "e"


def test_title_above_the_headings_does_not_decide() -> None:
    rows, _ = read("Preguntas, y más, y más\n\npregunta;respuesta\na, b;c\n")
    assert rows and rows[1:] == [(3, ["pregunta", "respuesta"]), (4, ["a, b", "c"])]


def test_headings_are_searched_near_the_top_only() -> None:
    above = "a,b\n" * sheet_csv.SAMPLE_ROWS
    rows, _ = read(f"{above}pregunta,respuesta\n")
    assert rows and rows[-1][1] == ["pregunta,respuesta"]


def test_columns_beyond_the_last_are_left_out_and_not_even_searched_for_headings() -> None:
    texts, _ = read("pregunta,respuesta" + "," * 1_000_000 + "\na,b\n")
    assert texts and [len(row) for _, row in texts] == [MAX_COLUMNS, 2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_accents_are_read_in_every_usual_encoding(encoding: str) -> None:
    rows, _ = read("pregunta;respuesta\n¿Dónde está el ñandú?;«aquí» – 5 €".encode(encoding))
    assert rows and rows[1][1] == ["¿Dónde está el ñandú?", "«aquí» – 5 €"]


@pytest.mark.parametrize("raw", [b"\xff\xfep\x00r\x00", b"a;b\x00", b"\x81\x8d\x8f"])
def test_other_encoding_is_reported(raw: bytes) -> None:
    assert read(raw) == (None, [Spot()])


def test_empty_file_has_no_rows_and_row_numbers_count_blanks() -> None:
    assert read(b"") == ([], [])
    assert read("\n\npregunta;respuesta\n;;\na;b\n")[0] == [(3, ["pregunta", "respuesta"]), (5, ["a", "b"])]


def test_line_break_within_quotes_stays_within_its_cell() -> None:
    rows, _ = read('pregunta;respuesta\n"uno\r\n""dos"";tres";b')
    assert rows and rows[1] == (2, ['uno\n"dos";tres', "b"])


@pytest.mark.parametrize("text", ['pregunta;respuesta\na;b\n"abierta', 'pregunta;respuesta\na;b\n"a"b;c'])
def test_wrong_quote_is_reported_on_its_row(text: str) -> None:
    assert read(text) == (None, [Spot(3)])


def test_overlong_cell_is_reported() -> None:
    endless = "x" * (csv.field_size_limit() + 1)
    assert read(f"pregunta;respuesta\n{endless};b") == (None, [Spot(2)])
    assert read(f"pregunta;respuesta\n{endless[1:]};b")[1] == []
