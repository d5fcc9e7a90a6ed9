"""Reads a spreadsheet of questions (CSV or Excel) into rows that map fields to cells.

``sheet_csv`` and ``sheet_excel`` read a file into rows of cells; this module finds the row of headings and assigns the
cells below it to fields.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.faq.entries.schema import ANSWER, field_names
from bot.faq.imports import sheet_csv, sheet_excel
from bot.faq.imports.sheet_cell import Cell, Row
from bot.faq.imports.sheet_problem import SheetFound, Spot
from bot.text.normalize import plain

REQUIRED = ("pregunta", ANSWER, "variantes", "tema", "fuente")
IN_FILES_ONLY = "audiencia"  # a field that a spreadsheet cannot have
MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
HEADINGS_WITHIN_ROWS = 20  # number of nonblank rows in which to look for the headings
EMPTY = Cell()


@dataclass(frozen=True)
class Line:
    """A nonblank row: its number in the spreadsheet, from 1, and for each field its column and cell."""

    row: int
    cells: dict[str, tuple[int, Cell]]

    def spot(self, name: str) -> Spot:
        """Returns the position of the field's cell; only the row if the spreadsheet has no column for the field."""
        column = self.cells[name][0] if name in self.cells else 0
        return Spot(self.row, column, name if column else "")

    def text(self, name: str) -> str:
        """Returns the text of the field; "" if the cell is blank or the spreadsheet has no column for the field."""
        return self.cells[name][1].text if name in self.cells else ""


@dataclass(frozen=True)
class Sheet:
    """The rows below the headings, and the headings that are not field names."""

    lines: tuple[Line, ...]
    unused: tuple[str, ...]


def read(path: Path, found: SheetFound) -> Sheet | None:
    """Reads the spreadsheet and adds its problems to ``found``; None if the file is unreadable or lacks headings."""
    rows = _rows(path, found)
    if rows is None:
        return None
    if not rows:
        found.add("vacia")
        return None
    return _sheet(rows, found)


def _rows(path: Path, found: SheetFound) -> list[Row] | None:
    kind = path.suffix.lower()
    if kind not in {".csv", ".xlsx"}:
        found.add("otro_formato", formato=kind or path.name)
    elif not path.is_file():
        found.add("no_existe")
    elif not os.access(path, os.R_OK):
        found.add("sin_permiso")
    elif path.stat().st_size > MAX_BYTES:
        found.add("muy_grande", maximo=MAX_BYTES // 1024**2)
    elif kind == ".csv":
        return sheet_csv.rows(path.read_bytes(), _known, found)
    else:
        return sheet_excel.rows(path, found)
    return None


def names() -> tuple[str, ...]:
    """Returns the field names of all columns that a spreadsheet may have."""
    return (*REQUIRED, *(name for name in field_names() if name not in {*REQUIRED, IN_FILES_ONLY}))


def _known(texts: Iterable[str]) -> int:
    """Returns how many of ``texts`` are headings of fields."""
    return sum(_field(text) is not None for text in texts)


def _field(heading: str) -> str | None:
    """Returns the field that a heading names, or None; case, accents, spaces and underscores do not matter."""
    return _headings(names()).get(plain(heading).replace(" ", ""))


@cache
def _headings(fields: tuple[str, ...]) -> dict[str, str]:
    return {name.replace("_", ""): name for name in fields}


def _sheet(rows: Sequence[Row], found: SheetFound) -> Sheet | None:
    index = max(range(min(len(rows), HEADINGS_WITHIN_ROWS)), key=lambda number: (_known(_texts(rows[number])), -number))
    headings, below = rows[index], rows[index + 1 :]
    columns = _columns(headings, found)
    if columns is None:
        return None
    if not below:
        found.add("sin_filas", Spot(headings.number))
    if len(below) > MAX_ROWS:
        found.add("muchas_filas", maximo=MAX_ROWS)
        return None
    _reject_nameless(headings, below, found)
    unused = tuple(text for text in _texts(headings) if text and _field(text) is None)
    return Sheet(tuple(_line(row, columns) for row in below), unused)


def _texts(row: Row) -> list[str]:
    return [cell.text for cell in row.cells]


def _columns(headings: Row, found: SheetFound) -> dict[str, int] | None:
    """Returns the column number of each field, from 1; None if a required field is missing or a field occurs twice."""
    columns: dict[str, int] = {}
    before = len(found.problems)
    for column, text in enumerate(_texts(headings), start=1):
        name = _field(text)
        if name in columns:
            found.add("titulo_repetido", Spot(headings.number, column, text))
        elif name is not None:
            columns[name] = column
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        found.add("faltan_columnas", Spot(headings.number), faltan=", ".join(missing), titulos=", ".join(REQUIRED))
    return None if len(found.problems) > before else columns


def _reject_nameless(headings: Row, below: Sequence[Row], found: SheetFound) -> None:
    """Reports cells without a heading, which usually come from an unquoted text that contains the delimiter."""
    named = {column for column, text in enumerate(_texts(headings), start=1) if text}
    for row in below:
        stray = (column for column, cell in enumerate(row.cells, start=1) if not cell.blank and column not in named)
        for column in list(stray)[:1]:
            found.add("columna_sin_titulo", Spot(row.number, column))


def _line(row: Row, columns: dict[str, int]) -> Line:
    cells = {
        name: (column, row.cells[column - 1] if column <= len(row.cells) else EMPTY) for name, column in columns.items()
    }
    return Line(row.number, cells)
