"""Reads a ZIP of entry files, such as an export of another installation, into rows like those of a spreadsheet."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from zipfile import BadZipFile, ZipFile

from bot.faq.entries import front_matter, phrases
from bot.faq.entries.folder import is_entry
from bot.faq.entries.front_matter import FrontMatter
from bot.faq.entries.phrases import phrases_name
from bot.faq.entries.problem import Found
from bot.faq.entries.reading import MAX_BYTES
from bot.faq.entries.schema import ANSWER, COUNTEREXAMPLES, column_names
from bot.faq.imports.columns import IN_FILES_ONLY
from bot.faq.imports.sheet_cell import Cell, Row
from bot.faq.imports.sheet_problem import SheetFound

MAX_FILES = 5_000
VARIANTS = "variantes"
UNREADABLE = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


def rows(raw: bytes, _known: object, found: SheetFound) -> list[Row] | None:
    """Returns a row of headings and a row per usable entry; adds a problem and returns None if there is none.

    An entry is not usable if its header is invalid or restricts the audience.
    """
    try:
        contents = _contents(raw)
    except UNREADABLE:
        contents = {}
    names = [name for name in column_names() if name != IN_FILES_ONLY]
    read = [_cells(path, contents, names) for path in sorted(filter(is_entry, contents))]
    entries = [cells for cells in read if cells is not None]
    if not entries:
        found.add("zip_sin_respuestas")
        return None
    table = [names, *entries]
    return [Row(number, tuple(map(Cell.from_text, cells))) for number, cells in enumerate(table, start=1)]


def _contents(raw: bytes) -> dict[str, bytes]:
    """Returns the .md and .txt files among the first MAX_FILES, keyed by path and truncated to MAX_BYTES + 1 bytes."""
    made: dict[str, bytes] = {}
    with ZipFile(io.BytesIO(raw)) as archive:
        for one in archive.infolist()[:MAX_FILES]:
            if one.filename.endswith((".md", ".txt")):
                with archive.open(one) as file:
                    made[one.filename] = file.read(MAX_BYTES + 1)
    return made


def _cells(path: str, contents: Mapping[str, bytes], names: list[str]) -> list[str] | None:
    """Returns the fields of an entry as texts; None if its header is invalid or restricts the audience."""
    header = _header(contents[path])
    if header is None or IN_FILES_ONLY in header.fields:
        return None
    beside = contents.get(phrases_name(path), b"").decode("utf-8", "replace")
    listed = [str(node.value) for node in getattr(getattr(header.fields.get(VARIANTS), "node", None), "value", ())]
    further = phrases.read(beside, Found(""))
    own = {
        ANSWER: header.body,
        VARIANTS: "\n".join([*listed, *(one.text for one in further if not one.counterexample)]),
        COUNTEREXAMPLES: "\n".join(one.text for one in further if one.counterexample),
    }
    return [own[name] if name in own else _text(header, name) for name in names]


def _header(content: bytes) -> FrontMatter | None:
    header = front_matter.read(content.decode("utf-8", "replace"), Found(""))
    return header if header is not None and header.readable else None


def _text(header: FrontMatter, name: str) -> str:
    value = header.fields.get(name)
    return " ".join((value.text or "").split()) if value else ""
