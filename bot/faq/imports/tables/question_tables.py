"""Reads the tables of a page or document that are sheets of questions: their headings name question and answer.

Such a table has further columns, such as a unit or a note among clerks, which are no part of the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString

from bot.faq.entries.schema import ANSWER
from bot.faq.imports.columns import REQUIRED_PAIR, WORDED, guess
from bot.faq.imports.page_questions import NUMBERING
from bot.faq.imports.page_seen import HEADINGS
from bot.faq.imports.sheet_cell import MAX_COLUMNS, Cell, Row
from bot.text.normalize import plain

TITLE_ROWS = 2  # maximum number of rows above the headings, such as the table's title
DEPTH = 3
MAX_SPAN = 1000  # a cell spans no more columns or rows
BEGINS_LINE = {"br", "p", "li", "div"}
AGAIN = "data-again"  # attribute of a cell that goes on the cell above, merged with it
QUESTION, SOURCE, TOPIC = "pregunta", "fuente", "tema"


@dataclass(frozen=True)
class QuestionTable:
    """A table's headings, by the name of their column: the field that they name, or else the heading; and its rows.

    ``section`` is the title right above the table, '' if there is none.
    """

    titles: Mapping[str, str]
    rows: Sequence[Mapping[str, Tag]]
    section: str

    def texts(self, markdown: Callable[[str], str]) -> list[dict[str, str]]:
        """Returns the rows' texts; ``markdown`` converts the HTML of an answer."""
        return [{name: _text(name, cell, markdown) for name, cell in row.items()} for row in self.rows]


def taken(page: BeautifulSoup) -> list[QuestionTable]:
    """Returns the tables of questions of ``page``, and removes them from it."""
    tables = [(one, found) for one in _tables(page) if (found := _read(one))]
    for table, _ in tables:
        table.extract()
    return [found for _, found in tables]


def _tables(page: BeautifulSoup) -> list[Tag]:
    """Returns the tables of the page, at most DEPTH within each other, so that no element is read more often."""
    depths, tables = {id(page): 0}, list[Tag]()
    for one in page.find_all(True):
        depths[id(one)] = depths[id(one.parent)] + (one.name == "table")
        if one.name == "table" and depths[id(one)] <= DEPTH:
            tables.append(one)
    return tables


def _read(table: Tag) -> QuestionTable | None:
    """Returns a table of questions; None for a table of another kind, such as prices."""
    parts = [table, *table.find_all(["thead", "tbody", "tfoot"], recursive=False)]
    cells = _filled([row for part in parts for row in part.find_all("tr", recursive=False)])
    rows = [Row(number, tuple(Cell.from_text(_line(one)) for one in some)) for number, some in enumerate(cells, 1)]
    if len(rows) < 2:
        return None
    columns = guess(rows)
    below = rows[columns.index + 1 :]
    if columns.index > TITLE_ROWS or not below or not columns.of.keys() >= REQUIRED_PAIR:
        return None
    headings, at = [cell.text for cell in rows[columns.index].cells], columns.of[QUESTION] - 1
    asking = sum(row.cells[at].text.endswith("?") for row in below if at < len(row.cells))
    if not WORDED[QUESTION].match(plain(headings[at])) and 2 * asking <= len(below):
        return None
    names = _names(headings, columns.of)
    read = [dict(zip(names, some, strict=False)) for some in cells[columns.index + 1 :]]
    return QuestionTable(dict(zip(names, headings, strict=True)), read, _above(table))


def _filled(rows: Sequence[Tag]) -> list[list[Tag]]:
    """Returns the cells of the rows that have words; a cell that goes on the one above has its words."""
    filled: list[list[Tag]] = []
    down: dict[int, tuple[Tag, int]] = {}
    for row in rows:
        cells = list(row.find_all(["td", "th"], recursive=False))
        whole = _spread(cells, filled[-1] if filled else [], down)
        if any(one.get_text(strip=True) for one in cells):
            filled.append(whole)
    return filled


def _spread(cells: Sequence[Tag], above: Sequence[Tag], down: dict[int, tuple[Tag, int]]) -> list[Tag]:
    """Returns a cell for each column of a row, an empty one in the further columns of a wide cell.

    ``down`` are the tall cells from rows above by their columns, with the number of rows that they still reach.
    """
    row, rest = list[Tag](), iter(cells)
    while len(row) < MAX_COLUMNS:
        at = len(row)
        if at in down:
            cell, left = down.pop(at)
            down |= {at: (cell, left - 1)} if left > 1 else {}
            row.append(cell)
        elif (one := next(rest, None)) is not None:
            cell = above[at] if one.has_attr(AGAIN) and at < len(above) else one
            wide, tall = _span(one, "colspan"), _span(one, "rowspan")
            row += [cell, *(Tag(name="td") for _ in range(wide - 1))]
            down |= {at + more: (row[at + more], tall - 1) for more in range(wide) if tall > 1}
        else:
            break
    return row[:MAX_COLUMNS]


def _span(cell: Tag, name: str) -> int:
    """Returns how many columns or rows a cell spans, at least 1."""
    written = str(cell.get(name, ""))
    return min(max(int(written), 1), MAX_SPAN) if written.isdecimal() and len(written) < 5 else 1


def _names(headings: Sequence[str], of: Mapping[str, int]) -> list[str]:
    fields = {column: name for name, column in of.items()}
    names: list[str] = []
    for number, heading in enumerate(headings, start=1):
        name = fields.get(number, f"«{heading}»")
        while name in names:
            name += "+"
        names.append(name)
    return names


def _above(table: Tag) -> str:
    """Returns the title right above a table, '' if another text is between them."""
    text = table.find_previous(string=lambda one: bool(one and one.strip()))
    title = text.find_parent(HEADINGS) if text is not None else None
    words = _line(title) if isinstance(title, Tag) else ""
    return "" if words.endswith("?") else NUMBERING.sub("", words).rstrip(":")


def _text(name: str, cell: Tag, markdown: Callable[[str], str]) -> str:
    if name == ANSWER:
        return markdown(cell.decode_contents())
    if name == QUESTION:
        return NUMBERING.sub("", _line(cell))
    link = cell.find("a", href=True) if name == SOURCE else None
    if isinstance(link, Tag) and str(link["href"]).startswith("http"):
        return str(link["href"])
    return "\n".join(filter(None, (" ".join(line.split()) for line in _lines(cell).split("\n"))))


def _line(cell: Tag) -> str:
    return " ".join(_lines(cell).split())


def _lines(cell: Tag) -> str:
    """Returns the words of a cell, each paragraph and item on a line of its own."""
    words: list[str] = []
    for one in cell.descendants:
        if isinstance(one, Tag):
            words += ["\n"] * (one.name in BEGINS_LINE)
        elif not isinstance(one, PreformattedString):
            words.append(str(one).replace("\n", " "))
    return "".join(words)
