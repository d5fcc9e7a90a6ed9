"""Reads CSV files saved by spreadsheet programs: UTF-8 or Windows-1252, delimited by comma, semicolon or tab."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from bot.faq.imports.sheet_cell import MAX_COLUMNS, Cell, Row
from bot.faq.imports.sheet_problem import SheetFound, Spot
from bot.faq.words.table import decoded

DELIMITERS = (";", ",", "\t")
SAMPLE_ROWS = 20
LIMIT = "field limit"  # part of csv's error message for a cell that is too long, or a quote that never closes
Known = Callable[[Iterable[str]], int]


def rows(raw: bytes, known: Known, found: SheetFound) -> list[Row] | None:
    """Returns the nonblank rows; adds a problem and returns None if ``raw`` is not valid CSV.

    ``known`` counts how many of a row's texts are headings.
    """
    text = decoded(raw)
    if text is None:
        found.add("codificacion")
        return None
    delimiter = max(DELIMITERS, key=lambda one: _most_headings(text, one, known))
    read: list[Row] = []
    number = 0
    try:
        for number, texts in enumerate(_records(text, delimiter), start=1):
            row = Row(number, tuple(map(Cell.from_text, texts[:MAX_COLUMNS])))
            if not row.blank:
                read.append(row)
    except csv.Error as error:
        found.add("celda_larga" if LIMIT in str(error) else "comillas", Spot(number + 1), maximo=csv.field_size_limit())
        return None
    return read


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """Returns an iterator over the records.

    The iterator raises csv.Error if a quote never closes, or closes within a cell.
    """
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _most_headings(text: str, delimiter: str, known: Known) -> int:
    """Returns the largest number of headings in any of the first rows, if ``delimiter`` separates the cells."""
    most = 0
    try:
        for texts in islice(_records(text, delimiter), SAMPLE_ROWS):
            most = max(most, known(texts[:MAX_COLUMNS]))
    except csv.Error:
        pass  # reported when the whole file is read
    return most
