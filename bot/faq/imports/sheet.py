"""Reads a file of questions into rows that map fields to cells.

``sheet_csv``, ``sheet_excel``, ``faq_page``, ``documents``, ``rasa_nlu``, ``entry_zip`` and ``markdown_files`` make
rows of cells; ``columns`` finds the row of headings and the column of each field; this module assigns the cells below
the headings to fields.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from bot.faq.entries.schema import ANSWER, column_names
from bot.faq.imports import entry_zip, faq_page, markdown_files, rasa_nlu, sheet_csv, sheet_excel
from bot.faq.imports.columns import VARIANTS, Columns, exact_field, further_utterances, guess, texts_of
from bot.faq.imports.office import documents
from bot.faq.imports.sheet_cell import (
    MAX_CHARACTERS,
    MAX_TOTAL_CHARACTERS,
    NUMBER,
    Cell,
    Row,
    numbers_most,
    wordings_in,
)
from bot.faq.imports.sheet_problem import SheetFound, Spot

REQUIRED = ("pregunta", ANSWER, "tema", "fuente")
MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
EMPTY = Cell()
READERS: Mapping[str, Callable[[bytes, Callable[[Iterable[str]], int], SheetFound], list[Row] | None]] = {
    ".csv": sheet_csv.rows,
    ".xlsx": sheet_excel.rows,
    ".json": faq_page.rows_of_json,
    ".html": faq_page.rows_of_html,
    ".htm": faq_page.rows_of_html,
    ".yml": rasa_nlu.rows,
    ".yaml": rasa_nlu.rows,
    ".zip": entry_zip.rows,
    ".docx": documents.rows_of_word,
    ".eml": documents.rows_of_mail,
    ".txt": documents.rows_of_text,
}


@dataclass(frozen=True)
class Line:
    """A nonblank row: its number in the spreadsheet, from 1, and for each field its column and cell.

    ``file`` is the path of the file that the row was read from, among several; "" for a spreadsheet. ``counted`` is as
    in Row. ``joined`` is the number of rows below that only add wordings to this one.
    """

    row: int
    cells: dict[str, tuple[int, Cell]]
    file: str = ""
    counted: bool = False
    joined: int = 0

    @property
    def label(self) -> str:
        """Returns the row's name for people: its file, «fila 7», or «pregunta 6» for a web page."""
        return self.file or self.label_of(self.row)

    def label_of(self, row: int) -> str:
        """Returns the name for people of another ``row`` of the same source, such as «fila 8»."""
        return Spot(row, counted=self.counted).words

    def spot(self, name: str) -> Spot:
        """Returns the position of the field's cell; column 0 if the spreadsheet has no column for the field."""
        column = self.cells[name][0] if name in self.cells else 0
        return Spot(self.row, column, name if name in self.cells else "", self.file, self.counted)

    def text(self, name: str) -> str:
        """Returns the text of the field's cell.

        If the cell is blank or there is no column, returns the field's value for blank cells (``sheet_of``), or "".
        """
        return self.cells[name][1].text if name in self.cells else ""


@dataclass(frozen=True)
class Sheet:
    """The rows below the headings, and the headings that are not field names.

    ``joined`` are the headings of the further columns of utterances.
    """

    lines: tuple[Line, ...]
    unused: tuple[str, ...]
    joined: tuple[str, ...] = ()


def read(path: Path, found: SheetFound, blanks: Mapping[str, str] | None = None) -> Sheet | None:
    """Reads the file, or the Markdown files of a folder, and adds problems to ``found``; None if it is unusable.

    A file is unusable if it cannot be read, has too many rows, or lacks or repeats headings. ``blanks`` maps fields to
    the values for blank cells.
    """
    rows = _rows(path, found)
    if not rows:
        return None
    columns = guess(rows)
    _reject_repeated(rows, columns, found)
    return sheet_of(rows, columns, found, blanks or {})


def _rows(path: Path, found: SheetFound) -> list[Row] | None:
    if path.is_dir() and path.suffix.lower() not in READERS:
        made = markdown_files.rows_of(markdown_files.folder_contents(path), found)
        if not made:
            found.add("carpeta_sin_respuestas")
        return made or None
    if path.suffix.lower() not in READERS:
        return rows_of(path.name, b"", found)
    if not path.is_file():
        found.add("no_existe")
    elif not os.access(path, os.R_OK):
        found.add("sin_permiso")
    elif path.stat().st_size > MAX_BYTES:
        found.add("muy_grande", maximo=MAX_BYTES // 1024**2)
    else:
        return rows_of(path.name, path.read_bytes(), found)
    return None


def rows_of(name: str, raw: bytes, found: SheetFound) -> list[Row] | None:
    """Returns the nonblank rows of the file ``name`` with content ``raw``.

    If there are none, adds a problem to ``found`` and returns None.
    """
    kind = PurePath(name).suffix.lower()
    if kind not in READERS:
        found.add("otro_formato", formato=kind or name)
        return None
    rows = READERS[kind](raw, _known, found)
    if rows == []:
        found.add("vacia")
    return rows if rows and _is_short(rows, found) else None


def _is_short(rows: Sequence[Row], found: SheetFound) -> bool:
    """Returns whether the texts are short enough to be checked in seconds; else adds a problem."""
    total = 0
    for row in rows:
        lengths = [len(cell.text) for cell in row.cells]
        if max(lengths, default=0) > MAX_CHARACTERS:
            found.add("celda_larga", Spot(row.number), maximo=MAX_CHARACTERS)
            return False
        total += sum(lengths)
    if total > MAX_TOTAL_CHARACTERS:
        found.add("muy_grande_abierto", maximo=MAX_TOTAL_CHARACTERS // 1024**2)
    return total <= MAX_TOTAL_CHARACTERS


def _known(texts: Iterable[str]) -> int:
    """Returns how many of ``texts`` are field names."""
    return sum(exact_field(text) is not None for text in texts)


def sheet_of(
    rows: Sequence[Row], columns: Columns, found: SheetFound, blanks: Mapping[str, str], *, untitled: bool = False
) -> Sheet | None:
    """Assigns the cells below the headings to fields; ``blanks`` maps fields to the values for blank cells.

    Returns None if ``found`` has an error already, a required field has neither a column nor a value in ``blanks``, or
    there are more than MAX_ROWS rows. A field with column 0 is blank in every row. ``untitled`` allows cells in columns
    without a heading.
    """
    before = len(found.problems)
    headings = rows[columns.index]
    missing = [name for name in REQUIRED if name not in columns.of and not blanks.get(name)]
    if missing == ["tema"] and headings.counted:  # of a document or a page, which have no columns
        found.add("falta_tema")
    elif missing:
        found.add("faltan_columnas", Spot(headings.number), faltan=", ".join(missing), titulos=", ".join(REQUIRED))
    if len(found.problems) > before or found.broken:
        return None
    below = rows[columns.index + 1 :]
    if not below:
        found.add("sin_filas", Spot(headings.number))
    if len(below) > MAX_ROWS:
        found.add("muchas_filas", maximo=MAX_ROWS)
        return None
    if not untitled:
        _reject_untitled(headings, below, found)
    more = further_utterances(texts_of(headings), columns.of)
    used = {*columns.of.values(), *more}
    titles = texts_of(headings)
    unused = tuple(text for number, text in enumerate(titles, start=1) if text and number not in used)
    joined = tuple(titles[number - 1] for number in more)
    lines = _with_wordings_below([_line(row, columns.of, more) for row in below])
    if numbers_most([question for line in lines if (question := line.text("pregunta"))]):
        lines = list(map(_unnumbered, lines))
    return Sheet(tuple(_filled(line, blanks) for line in lines), unused, joined)


def _reject_repeated(rows: Sequence[Row], columns: Columns, found: SheetFound) -> None:
    """Reports each column whose heading names the same field as an earlier one."""
    seen: set[str] = set()
    for column, text in enumerate(texts_of(rows[columns.index]), start=1):
        name = exact_field(text)
        if name in seen:
            found.add("titulo_repetido", Spot(rows[columns.index].number, column, text))
        elif name:
            seen.add(name)


def _reject_untitled(headings: Row, below: Sequence[Row], found: SheetFound) -> None:
    """Reports, in each row, the first nonblank cell in a column without a heading.

    Such a cell usually comes from an unquoted text that contains the delimiter.
    """
    named = {column for column, text in enumerate(texts_of(headings), start=1) if text}
    for row in below:
        stray = (column for column, cell in enumerate(row.cells, start=1) if not cell.blank and column not in named)
        for column in list(stray)[:1]:
            found.add("columna_sin_titulo", Spot(row.number, column))


def _line(row: Row, columns: Mapping[str, int], more: Sequence[int]) -> Line:
    """Assigns the cells of a row to fields; the cells in the columns ``more`` are further lines of the utterances."""
    cells = {
        name: (column, row.cells[column - 1] if 0 < column <= len(row.cells) else EMPTY)
        for name, column in columns.items()
    }
    for name in {ANSWER, "fuente"} & cells.keys():
        column, cell = cells[name]
        cells[name] = (column, replace(cell, text=cell.linked if name == ANSWER else cell.address))
    if more:
        column, cell = cells[VARIANTS]
        each = [cell, *(row.cells[number - 1] for number in more if number <= len(row.cells))]
        cells[VARIANTS] = (column, _together(each))
    return Line(row.number, cells, row.file, row.counted)


def _together(cells: Sequence[Cell]) -> Cell:
    """Returns the wordings of several cells as lines of one."""
    trouble = next((one.trouble for one in cells if one.trouble), "")
    return Cell("\n".join(part for one in cells for part in wordings_in(one.text)), trouble)


def _with_wordings_below(lines: Sequence[Line]) -> list[Line]:
    """Joins to each line those right below that have its question and answer, or blanks, and other wordings."""
    groups: list[list[Line]] = []
    for line in lines:
        if groups and _only_adds_wordings(line, groups[-1][0]):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_joined(*group) for group in groups]


def _joined(line: Line, *below: Line) -> Line:
    if not below:
        return line
    wordings = _together([one.cells[VARIANTS][1] for one in (line, *below)])
    cells = {**line.cells, VARIANTS: (line.cells[VARIANTS][0], wordings)}
    return replace(line, cells=cells, joined=len(below))


def _only_adds_wordings(line: Line, above: Line) -> bool:
    wordings = line.text(VARIANTS)
    if line.file or not wordings or wordings == above.text(VARIANTS) or not above.text("pregunta"):
        return False
    return all(line.text(name) in {"", above.text(name)} for name in line.cells if name != VARIANTS)


def _unnumbered(line: Line) -> Line:
    column, cell = line.cells["pregunta"]
    bare = replace(cell, text=NUMBER.sub("", cell.text))
    return replace(line, cells={**line.cells, "pregunta": (column, bare)})


def _filled(line: Line, blanks: Mapping[str, str]) -> Line:
    cells = dict(line.cells)
    for name, text in blanks.items():
        column, cell = cells.get(name, (0, EMPTY))
        if cell.blank and text:
            cells[name] = (column, Cell(text))
    return replace(line, cells=cells)


def names() -> tuple[str, ...]:
    """Returns the field names of all columns that a spreadsheet may have."""
    return (*REQUIRED, *(name for name in column_names() if name not in REQUIRED))
