"""Formats the lines of all CSV files that people download and open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "\ufeff"  # byte order mark: spreadsheets read the file as UTF-8 only with it


def csv_line(cells: Iterable[object], delimiter: str = ";") -> str:
    """Returns a CSV line; texts that a spreadsheet would run as formulas are escaped."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerow(
        [safe_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    )
    return buffer.getvalue()


def safe_cell(cell: str) -> str:
    """Escapes a CSV cell that a spreadsheet would run as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
