"""Reads the first visible sheet of an .xlsx workbook as text.

Rows are streamed, to save memory if the sheet's formatting reaches the last possible row.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from bot.faq.imports.sheet_cell import MAX_COLUMNS, Cell, Row
from bot.faq.imports.sheet_problem import SheetFound

MAX_UNPACKED_BYTES = 64 * 1024 * 1024
LAST_ROW = 1_048_576
MERGED_TAG = f"{{{SHEET_MAIN_NS}}}mergeCell"
UNREADABLE = (
    BadZipFile,
    InvalidFileException,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,  # base of XML's ParseError
    EOFError,
    OSError,  # an impossible offset in the file
    RuntimeError,
    zlib.error,
)


def rows(raw: bytes, _known: object, found: SheetFound) -> list[Row] | None:
    """Returns the nonblank rows; adds a problem and returns None if ``raw`` is not a workbook or is too large."""
    try:
        with ZipFile(BytesIO(raw)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            found.add("muy_grande_abierto", maximo=MAX_UNPACKED_BYTES // 1024**2)
            return None
        return _filled_down(list(_rows(raw)), _merged(raw))
    except UNREADABLE:
        found.add("no_es_xlsx")
        return None


@contextmanager
def _opened(raw: bytes, **options: bool) -> Iterator[Any]:
    """Yields the first visible sheet, and hides openpyxl's warnings, which are about formatting (context manager)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book: Workbook = load_workbook(BytesIO(raw), **options)
        with closing(book):
            yield next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")


def _rows(raw: bytes) -> Iterator[Row]:
    """Yields the nonblank rows; for a cell with a formula, the value last calculated."""
    with _opened(raw, read_only=True, data_only=True) as values, _opened(raw, read_only=True) as formulas:
        for sheet in (values, formulas):
            sheet.reset_dimensions()  # some programs write wrong dimensions
        both = zip(values.rows, formulas.rows, strict=True)
        for number, (shown, written) in enumerate(both, start=1):
            if number > LAST_ROW:
                return
            if not shown:  # a row that the file leaves out: there may be a million of them
                continue
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
    """Returns the text that a person would type for this value."""
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


def _merged(raw: bytes) -> list[tuple[int, int, int]]:
    """Returns the first row, last row and first column of each merged range, counted from 1."""
    spans: list[tuple[int, int, int]] = []
    # Streamed, since loading the whole sheet creates an object for every merged cell.
    with _opened(raw, read_only=True) as sheet, sheet._get_source() as part:
        for _, element in iterparse(part):
            if element.tag == MERGED_TAG:
                span = CellRange(element.get("ref"))
                spans.append((span.min_row, span.max_row, span.min_col))
            element.clear()
    return spans


def _filled_down(rows: list[Row], spans: list[tuple[int, int, int]]) -> list[Row]:
    """Returns ``rows`` with the value of each merged range in all of its rows, such as a topic of several questions."""
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
