"""Tests reading editors' tables as spreadsheets write them, and refusing other files."""

from __future__ import annotations

import csv

import pytest

from bot.faq.words.table import Table, decoded, read_table


def read(text: str) -> Table:
    table = read_table(text.encode())
    assert table is not None
    return table


def test_column_names_and_cells_are_stripped() -> None:
    table = read("Término;  Qué   Es\n ñandú ; ave \n")
    assert table.columns == ("termino", "que es")
    assert (table.rows[0]["termino"], table.rows[0]["que es"], table.rows[0]["otra"]) == ("ñandú", "ave", "")


def test_headings_decide_between_comma_and_semicolon() -> None:
    assert read("a;b\nuno,dos;tres\n").rows[0].cells == {"a": "uno,dos", "b": "tres"}
    assert read("a,b\nuno;dos,tres\n").rows[0].cells == {"a": "uno;dos", "b": "tres"}


def test_row_has_the_line_where_it_ends_and_blank_rows_are_skipped() -> None:
    table = read('a;b\n;\n"uno\ndos";x\n\n y ;\n')
    assert [(row.line, row["a"]) for row in table.rows] == [(4, "uno\ndos"), (6, "y")]


def test_short_and_long_rows_are_read_up_to_the_headings() -> None:
    assert [row.cells for row in read("a;b\nuno\nuno;dos;tres\n").rows] == [{"a": "uno"}, {"a": "uno", "b": "dos"}]


def test_empty_file_is_an_empty_table() -> None:
    assert read("") == Table((), ())
    assert read("a;b").rows == ()


@pytest.mark.parametrize("raw", [b"\x81", b"a;b\n\x00;c", "a;b".encode("utf-16")])
def test_binary_or_undecodable_file_is_refused(raw: bytes) -> None:
    assert read_table(raw) is None
    assert decoded(raw) is None


def test_overlong_cell_is_refused() -> None:
    assert read_table(b"a;b\n" + b"x" * (csv.field_size_limit() + 1)) is None


def test_windows_text_and_a_byte_order_mark_are_read() -> None:
    assert decoded("ñ €".encode("cp1252")) == "ñ €"
    assert decoded(b"\xef\xbb\xbfa") == "a"
    assert decoded(b"") == ""
