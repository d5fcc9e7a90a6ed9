"""Reads the first visible sheet of an .xlsx workbook: what the cells show, as text.

Called by ``sheet``. Rows are streamed, so that a sheet whose formatting goes down to the last row costs nothing.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from bot.faq.imports.sheet_cell import Cell, Row
from bot.faq.imports.sheet_problem import SheetFound

MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_COLUMNS = 60
LAST_ROW = 1_048_576
MERGED_TAG = f"{{{SHEET_MAIN_NS}}}mergeCell"
UNREADABLE = (
    BadZipFile,
    InvalidFileException,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,  # of which XML's ParseError is one
    EOFError,
    OSError,  # a place in the file that cannot be
    RuntimeError,
    zlib.error,
)


def rows(path: Path, found: SheetFound) -> list[Row] | None:
    """The rows that hold something; None when the file is no workbook."""
    try:
        with ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            found.add("muy_grande_abierto", maximo=MAX_UNPACKED_BYTES // 1024**2)
            return None
        return _filled_down(list(_rows(path)), _merged(path))
    except UNREADABLE:
        found.add("no_es_xlsx")
        return None


@contextmanager
def _opened(path: Path, **options: bool) -> Iterator[Any]:
    """The first visible sheet. What openpyxl warns about (styles, validations, charts) does not matter here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book: Workbook = load_workbook(path, **options)
        with closing(book):
            yield next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")


def _rows(path: Path) -> Iterator[Row]:
    """Every row with something in it, from the values that were last calculated and from the formulas."""
    with _opened(path, read_only=True, data_only=True) as values, _opened(path, read_only=True) as formulas:
        for sheet in (values, formulas):
            sheet.reset_dimensions()  # what some programs write there is wrong
        both = zip(values.rows, formulas.rows, strict=True)
        for number, (shown, written) in enumerate(both, start=1):
            if number > LAST_ROW:
                return
            cells = zip(shown[:MAX_COLUMNS], written[:MAX_COLUMNS], strict=True)
            row = Row(number, tuple(_cell(value, formula) for value, formula in cells))
            if not row.blank:
                yield row


def _cell(shown: Any, written: Any) -> Cell:
    if shown.data_type == "e":
        return Cell(str(shown.value), "formula_con_error")
    if shown.value is None:
        return Cell("", "formula_sin_valor") if written.data_type == "f" else Cell()
    return Cell.from_text(_text(shown.value))


def _text(value: Any) -> str:
    """A value as a person would type it."""
    if isinstance(value, str):
        return unescape(value)
    if isinstance(value, bool):
        return "VERDADERO" if value else "FALSO"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="minutes")
    return value.isoformat() if isinstance(value, date) else str(value)


def _merged(path: Path) -> list[tuple[int, int, int]]:
    """The merged cells that span rows: first row, last row and column, from 1."""
    spans: list[tuple[int, int, int]] = []
    # Streamed: a sheet that is read whole has a cell for each that is merged, down to the last row.
    with _opened(path, read_only=True) as sheet, sheet._get_source() as part:
        for _, element in iterparse(part):
            if element.tag == MERGED_TAG:
                span = CellRange(element.get("ref"))
                spans.append((span.min_row, span.max_row, span.min_col))
            element.clear()
    return spans


def _filled_down(rows: list[Row], spans: list[tuple[int, int, int]]) -> list[Row]:
    """A merged cell's value stands in each of its rows: one topic beside several questions belongs to them all."""
    tops = {row.number: row for row in rows}
    filled = dict(tops)
    for first, last, column in spans:
        top = tops.get(first)
        if top is None or column > len(top.cells):
            continue
        for number in (number for number in tops if first < number <= last):
            row = filled[number]
            cells = [*row.cells, *[Cell()] * (column - len(row.cells))]
            cells[column - 1] = top.cells[column - 1]
            filled[number] = replace(row, cells=tuple(cells))
    return list(filled.values())
