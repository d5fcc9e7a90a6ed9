"""Formats the lines of the CSV files that staff download and open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MARK = "\ufeff"  # byte order mark: spreadsheets read the file as UTF-8 only with it


def csv_line(cells: Sequence[str]) -> str:
    """Returns a CSV line; cells that a spreadsheet would run as formulas are escaped."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerow([safe_cell(cell) for cell in cells])
    return buffer.getvalue()


def safe_cell(cell: str) -> str:
    """Escapes a CSV cell that a spreadsheet would run as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
