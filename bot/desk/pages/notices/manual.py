"""Reads the crisis manual (docs/manual-de-crisis.md) as sections to print, with the agency's contacts in its blanks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.agency.crisis_settings import Contact
from bot.text.normalize import plain

FILE = Path("docs") / "manual-de-crisis.md"
NOT_PRINTED = ("Qué puede cambiar un paquete",)  # only for people who write packs, who read it on a screen
BLANK = "____"
BOX = "[ ] "
PHONE_HEAD = "número"
HEADING, CELL, STEP, PARAGRAPH = "heading", "cell", "step", "paragraph"
OPENING = {"heading_open": HEADING, "th_open": CELL, "td_open": CELL, "list_item_open": STEP}


@dataclass(frozen=True)
class Styled:
    """A piece of text of one style: '' for plain, ``strong`` or ``code``."""

    text: str
    style: str = ""


Cell = list[Styled]


@dataclass
class Section:
    """A section of the manual: its title, paragraphs, tables and checklist.

    A table is a list of rows of cells; its first row has the headings.
    """

    title: str
    paragraphs: list[Cell] = field(default_factory=list)
    tables: list[list[list[Cell]]] = field(default_factory=list)
    steps: list[Cell] = field(default_factory=list)


def manual(text: str, contacts: Sequence[Contact]) -> tuple[str, list[Section]]:
    """Returns the manual's title, and its sections as they are printed."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    title, sections = "", list[Section]()
    for kind, level, inline, row in _pieces(tokens):
        runs = list(_runs(inline))
        if kind == HEADING and level == 1:
            title = words_of(runs)
        elif kind == HEADING:
            sections.append(Section(words_of(runs)))
        elif not sections:
            continue  # the introduction, which is not printed
        elif kind == CELL:
            _add_cell(sections[-1], runs, row)
        elif kind == STEP:
            sections[-1].steps.append(runs)
        else:
            sections[-1].paragraphs.append(runs)
    printed = [one for one in sections if one.title not in NOT_PRINTED]
    _fill(printed, contacts)
    return title, printed


def words_of(cell: Cell) -> str:
    return "".join(run.text for run in cell)


def _pieces(tokens: Sequence[Token]) -> Iterator[tuple[str, int, Token, int]]:
    """Yields each text with its kind, the level of its heading, and the number of its row in its table."""
    inside, level, row = PARAGRAPH, 0, -1
    for token in tokens:
        if token.type == "inline":
            yield inside, level, token, row
        elif token.type == "tr_open":
            row += 1
        elif token.type == "table_open":
            row = -1
        elif token.type in OPENING:
            inside = OPENING[token.type]
            level = int(token.tag[1:]) if inside == HEADING else level
        elif token.type.removesuffix("_close") + "_open" in OPENING:
            inside = PARAGRAPH


def _runs(inline: Token) -> Iterator[Styled]:
    style = ""
    for child in inline.children or ():
        if child.type in ("strong_open", "strong_close"):
            style = "strong" if child.type == "strong_open" else ""
        elif child.type == "code_inline":
            yield Styled(child.content, "code")
        elif child.type in ("softbreak", "hardbreak"):
            yield Styled(" ")
        elif child.content:
            yield Styled(child.content.removeprefix(BOX), style)


def _add_cell(section: Section, cell: Cell, row: int) -> None:
    if row == 0 and (not section.tables or len(section.tables[-1]) > 1):
        section.tables.append([])
    rows = section.tables[-1]
    if len(rows) == row:
        rows.append([])
    rows[row].append(cell)


def _fill(sections: Sequence[Section], contacts: Sequence[Contact]) -> None:
    """Writes the contacts into the blanks of their roles; the other contacts get rows in the table of telephones."""
    used: set[str] = set()
    for rows in (rows for section in sections for rows in section.tables):
        for row in rows[1:]:
            for place in range(1, len(row)):
                if BLANK in words_of(row[place]):
                    used.add(plain(words_of(row[place - 1])))
                    row[place] = _filled(row[place], [one for one in contacts if _is(one, row[place - 1])])
    others = [one for one in contacts if plain(one.role) not in used]
    phones = next((rows for one in sections for rows in one.tables if _has_phones(rows)), None)
    if phones is None:
        return
    for pair in (others[start : start + 2] for start in range(0, len(others), 2)):
        cells = [cell for one in pair for cell in ([Styled(one.role)], [Styled(_contact(one))])]
        phones.append([*cells[:2], [], *(cells[2:] or [[], []])])


def _is(contact: Contact, label: Cell) -> bool:
    return plain(contact.role) == plain(words_of(label))


def _has_phones(rows: list[list[Cell]]) -> bool:
    return PHONE_HEAD in [words_of(cell) for cell in rows[0]]


def _filled(blank: Cell, found: Sequence[Contact]) -> Cell:
    """Returns a cell with the contacts; a part of ``blank`` without a contact («titular / subrogante») stays blank."""
    parts = words_of(blank).split("/")
    contact_words = [_contact(one) for one in found] + [part.strip() for part in parts[len(found) :]]
    return [Styled(" / ".join(contact_words))] if found else blank


def _contact(contact: Contact) -> str:
    return ", ".join(filter(None, (contact.name, contact.phone))) or BLANK * 3
