"""Reads CSV files saved by spreadsheet programs: UTF-8 or Windows-1252, with commas or semicolons."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from bot.text.normalize import plain

ENCODINGS = ("utf-8-sig", "cp1252")


@dataclass(frozen=True)
class Row:
    """A row below the headings: the file's line on which the row ends, and its cells keyed by column name."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def blank(self) -> bool:
        return not any(self.cells.values())


@dataclass(frozen=True)
class Table:
    """The names of the columns, in lower case and without accents, and the nonblank rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(raw: bytes) -> Table | None:
    """Parses a CSV file; None if ``raw`` cannot be decoded or is not CSV."""
    text = decoded(raw)
    if text is None:
        return None
    titles, _, _ = text.partition("\n")
    records = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in titles else ",")
    try:
        columns = tuple(plain(title) for title in next(records, []))
        return Table(columns, tuple(_rows(records, columns)))
    except csv.Error:
        return None


def _rows(records: Iterator[list[str]], columns: tuple[str, ...]) -> Iterator[Row]:
    line = 1
    for record in records:
        line = getattr(records, "line_num", line + 1)
        row = Row(line, dict(zip(columns, map(str.strip, record), strict=False)))
        if not row.blank:
            yield row


def decoded(raw: bytes) -> str | None:
    """Returns the text of a CSV file; None if the file is binary or in none of ENCODINGS."""
    for encoding in ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None
