"""Tests that a cell is the text that a person sees, or the problem that makes it unreadable."""

from __future__ import annotations

import pytest

from bot.faq.imports.sheet_cell import Cell, Row


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("", ""),
        ("  hola  ", "hola"),
        ("\u00a0hola\u00a0mundo\u00a0", "hola mundo"),
        (
            "uno\r\ndos\rtres\vcuatro\u2028cinco\u2029seis\x85siete\focho",
            "uno\ndos\ntres\ncuatro\ncinco\nseis\nsiete\nocho",
        ),
        ("uno\r\n\r\ndos", "uno\n\ndos"),
        ("\r\n \u00a0\t", ""),
        ("ñandú 🦙", "ñandú 🦙"),
    ],
)
def test_text_has_plain_spaces_and_line_ends(written: str, text: str) -> None:
    assert Cell.from_text(written).text == text


def test_unreadable_cell_is_not_blank_though_it_has_no_text() -> None:
    assert not Cell("", "formula_sin_valor").blank
    assert Cell.from_text(" \n ").blank


def test_row_is_blank_when_all_its_cells_are() -> None:
    assert Row(1, ()).blank
    assert Row(1, (Cell(), Cell.from_text(" "))).blank
    assert not Row(1, (Cell(), Cell("", "formula_sin_valor"))).blank
