"""Reads the sheet of an .xlsx workbook that has the questions as text: the first visible one with their headings.

Rows are streamed, to save memory if the sheet's formatting reaches the last possible row.
"""

from __future__ import annotations

import warnings
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from io import BytesIO
from itertools import islice
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl import Workbook, load_workbook
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.xml.constants import REL_NS, SHEET_MAIN_NS
from openpyxl.xml.functions import fromstring, iterparse

from bot.core.texts import say
from bot.faq.imports.columns import REQUIRED_PAIR, SAMPLED_ROWS, guess, likely
from bot.faq.imports.page_source import MOST_XML_ELEMENTS, xml_elements
from bot.faq.imports.sheet_cell import MAX_COLUMNS, Cell, Row
from bot.faq.imports.sheet_problem import SheetFound
from bot.faq.imports.tables import shown_values

MAX_UNPACKED_BYTES = 64 * 1024 * 1024
LAST_ROW = 1_048_576
MERGED_TAG, LINK_TAG = f"{{{SHEET_MAIN_NS}}}mergeCell", f"{{{SHEET_MAIN_NS}}}hyperlink"
LINK_ID = f"{{{REL_NS}}}id"
LINKS = ("https://", "http://", "mailto:")
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
        if too_large := _too_large(raw):
            found.add(too_large, maximo=MAX_UNPACKED_BYTES // 1024**2)
            return None
        return _of_questions(_without_drawings(raw), found)
    except UNREADABLE:
        found.add("no_es_xlsx")
        return None


def _too_large(raw: bytes) -> str:
    """Returns the key of the problem if the workbook is too large to be read, else ''.

    Checks the unpacked parts, which may be a thousand times as large as the file.
    """
    with ZipFile(BytesIO(raw)) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            return "muy_grande_abierto"
        elements = sum(xml_elements(archive.read(part)) for part in parts if not _is_drawing(part))
    return "muchas_celdas" if elements > MOST_XML_ELEMENTS else ""


def _without_drawings(raw: bytes) -> bytes:
    """Returns the workbook without its SVG files, such as a logo: the XML parser refuses their document types."""
    with ZipFile(BytesIO(raw)) as archive:
        kept = [part for part in archive.infolist() if not _is_drawing(part)]
        if len(kept) == len(archive.infolist()):
            return raw
        copy = BytesIO()
        with ZipFile(copy, "w") as smaller:
            for part in kept:
                smaller.writestr(part.filename, archive.read(part))
    return copy.getvalue()


def _is_drawing(part: ZipInfo) -> bool:
    return part.filename.lower().endswith(".svg")


def _of_questions(raw: bytes, found: SheetFound) -> list[Row]:
    """Returns the rows of the sheet that most clearly has questions; reports other sheets with their headings."""
    with _opened(raw, data_only=True) as values, _opened(raw) as formulas:
        sheets = list(zip(values, formulas, strict=True))
        fits = [_fit(list(islice(_rows(*both), SAMPLED_ROWS))) for both in sheets]
        chosen = fits.index(max(fits))
        for (sheet, _), fit in zip(sheets, fits, strict=True):
            if fit[0] == len(REQUIRED_PAIR) and sheet is not values[chosen]:
                found.leave_out("otra_hoja", say("import.lugar.hoja", hoja=sheet.title), leida=values[chosen].title)
        linked = _with_links(list(_rows(*sheets[chosen])), _links(raw, values[chosen]))
        return _filled_down(linked, _merged(raw, chosen))


def _fit(rows: Sequence[Row]) -> tuple[int, int]:
    """Returns how many of the two columns, question and answer, are found by headings, and how many more by contents.

    (-1, 0) stands for an empty sheet, so that the sheet that fits best has the largest result.
    """
    if not rows:
        return (-1, 0)
    columns = guess(rows)
    return (len(REQUIRED_PAIR & columns.of.keys()), len(likely(rows, columns)))


@contextmanager
def _opened(raw: bytes, **options: bool) -> Iterator[list[Any]]:
    """Yields the visible sheets (context manager); hides openpyxl's warnings, which concern formatting."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book: Workbook = load_workbook(BytesIO(raw), read_only=True, **options)
        with closing(book):
            sheets: list[Any] = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            if not sheets:
                raise LookupError("no visible sheet")
            for sheet in sheets:
                sheet.reset_dimensions()  # some programs write wrong dimensions
            yield sheets


def _rows(values: Any, formulas: Any) -> Iterator[Row]:
    """Yields the nonblank rows; for a cell with a formula, the value last calculated."""
    both = zip(*(sheet.iter_rows(max_col=MAX_COLUMNS) for sheet in (values, formulas)), strict=True)
    left_out = None
    for number, (shown, written) in enumerate(both, start=1):
        if number > LAST_ROW:
            return
        if shown is left_out:
            continue
        width = max((place for place, cell in enumerate(shown, start=1) if cell is not EMPTY_CELL), default=0)
        if not width:
            left_out = shown  # openpyxl's row for all that the file leaves out: there may be a million of them
            continue
        cells = zip(shown[:width], written[:width], strict=True)
        row = Row(number, tuple(_cell(value, formula) for value, formula in cells))
        if not row.blank:
            yield row


def _cell(shown: Any, written: Any) -> Cell:
    if shown.data_type == "e":
        return Cell(str(shown.value), "formula_con_error")
    if shown.value is None:
        return Cell("", "formula_sin_valor") if written.data_type == "f" else Cell()
    return Cell.from_text(shown_values.shown(shown.value, shown.number_format))


def _merged(raw: bytes, place: int) -> list[tuple[int, int, int]]:
    """Returns the first row, last row and first column of each merged range of a visible sheet, counted from 1."""
    spans: list[tuple[int, int, int]] = []
    # Streamed, since loading the whole sheet creates an object for every merged cell.
    with _opened(raw) as sheets, sheets[place]._get_source() as part:
        for _, element in iterparse(part):
            if element.tag == MERGED_TAG:
                span = CellRange(element.get("ref"))
                spans.append((span.min_row, span.max_row, span.min_col))
            element.clear()
    return spans


def _links(raw: bytes, sheet: Any) -> dict[tuple[int, int], str]:
    """Returns the web and mail addresses of the cells with a link, by row and column, counted from 1."""
    folder, _, name = sheet._worksheet_path.rpartition("/")
    with ZipFile(BytesIO(raw)) as archive:
        if (beside := f"{folder}/_rels/{name}.rels") not in archive.namelist():
            return {}
        targets = {one.get("Id"): one.get("Target") or "" for one in fromstring(archive.read(beside))}
    found: dict[tuple[int, int], str] = {}
    with sheet._get_source() as part:
        for _, element in iterparse(part):
            if element.tag == LINK_TAG and (address := targets.get(element.get(LINK_ID), "")).startswith(LINKS):
                span = CellRange(element.get("ref").partition(":")[0])
                found[span.min_row, span.min_col] = address
            element.clear()
    return found


def _with_links(rows: Sequence[Row], links: Mapping[tuple[int, int], str]) -> list[Row]:
    if not links:
        return list(rows)
    linked = [
        tuple(replace(cell, link=links.get((row.number, column), "")) for column, cell in enumerate(row.cells, start=1))
        for row in rows
    ]
    return [replace(row, cells=cells) for row, cells in zip(rows, linked, strict=True)]


def _filled_down(rows: list[Row], spans: list[tuple[int, int, int]]) -> list[Row]:
    """Returns ``rows`` with the value of each merged range in all rows of the range, such as a topic of many questions.

    If ranges overlap, which no program writes, the first one counts, so that each cell is filled at most once.
    """
    numbers = [row.number for row in rows]
    tops = {row.number: row for row in rows}
    filled = dict(tops)
    last_filled: dict[int, int] = {}
    for column, first, last in sorted((column, first, last) for first, last, column in spans):
        top, above = tops.get(first), max(first, last_filled.get(column, 0))
        if top is None or column > len(top.cells) or last <= above:
            continue
        last_filled[column] = last
        for number in numbers[bisect_right(numbers, above) : bisect_right(numbers, last)]:
            row = filled[number]
            cells = [*row.cells, *[Cell()] * (column - len(row.cells))]
            cells[column - 1] = top.cells[column - 1]
            filled[number] = replace(row, cells=tuple(cells))
    return list(filled.values())
