"""Parses the import form: the file, which the page keeps between the steps, and the editor's choices."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import get_column_letter
from starlette.datastructures import UploadFile

from bot.core.texts import area
from bot.faq.entries.schema import display_fields
from bot.faq.imports import columns as headings
from bot.faq.imports import sheet
from bot.faq.imports.sheet_cell import Row

MEGABYTE = 1024**2
MAX_FILE_BYTES = 3 * MEGABYTE
FILLED = ("tema", "fuente", "equipo", "responsable")  # fields for whose blank cells the editor chooses a value


def field_labels() -> dict[str, str]:
    """Maps each field for which the editor may choose a column to its Spanish name, in the page's order."""
    labels: dict[str, str] = area("traer")["datos"]
    return labels | {name: one.label for name, one in display_fields().items()}


@dataclass(frozen=True)
class Given:
    """The posted file and the editor's choices; a choice that has not been made yet is None.

    ``heading`` is the number of the heading row and ``rows`` are the numbers of the rows to import. ``columns`` maps
    fields to column numbers (0: none), ``blanks`` maps fields to the values for blank cells.
    """

    name: str
    raw: bytes
    heading: int | None = None
    columns: Mapping[str, int] | None = None
    blanks: Mapping[str, str] | None = None
    rows: frozenset[int] | None = None

    @property
    def is_table(self) -> bool:
        """Returns whether the file has rows that its owner sees, with numbers."""
        return self.name.lower().endswith((".xlsx", ".csv"))

    @property
    def packed(self) -> str:
        return base64.b64encode(zlib.compress(self.raw)).decode()


async def given_in(form: Any) -> Given:
    """Returns the posted file and choices. Raises ValueError with the key of the error message."""
    file, pasted = form.get("archivo"), str(form.get("pegado", ""))
    if pasted.strip() and not (isinstance(file, UploadFile) and file.filename):
        return _pasted(pasted)
    if isinstance(file, UploadFile):
        raw = await file.read(MAX_FILE_BYTES + 1)
        await file.close()
        if not file.filename or not raw:
            raise ValueError("sin_archivo")
        if len(raw) > MAX_FILE_BYTES:
            raise ValueError("muy_grande")
        return Given(file.filename[-120:], raw)
    # A button proposes a column for each field that lacks one, such as «pregunta-2 respuesta-3».
    proposed = dict(one.partition("-")[::2] for one in str(form.get("usar", ""))[:200].split())
    return Given(
        name=str(form.get("nombre", ""))[-120:],
        raw=_unpacked(str(form.get("contenido", ""))),
        heading=_number(form.get("titulos")),
        columns={name: _number(proposed.get(name) or form.get(f"columna-{name}")) for name in sheet.names()},
        blanks={name: str(form.get(f"blanco-{name}", ""))[:500].strip() for name in FILLED},
        rows=frozenset(map(_number, form.getlist("fila"))) if "elegidas" in form else None,
    )


def _pasted(text: str) -> Given:
    """Returns a pasted text as a file. Raises ValueError if it is larger than MAX_FILE_BYTES."""
    raw = text.encode()
    if len(raw) > MAX_FILE_BYTES:
        raise ValueError("muy_grande")
    return Given(area("traer")["pegado_nombre"], raw)


def column_names(rows: Sequence[Row], index: int) -> dict[int, str]:
    """Maps the number (from 1) of each column with a heading or a non-empty cell to the column's name."""
    words = area("traer")["columnas"]
    titles = headings.texts_of(rows[index])
    width = max(len(row.cells) for row in rows)
    named = {}
    for number in range(1, width + 1):
        title = titles[number - 1] if number <= len(titles) else ""
        letter = get_column_letter(number)
        if title:
            named[number] = words["nombre"].format(letra=letter, titulo=title[:60])
        elif any(number <= len(row.cells) and not row.cells[number - 1].blank for row in rows):
            named[number] = words["sin_titulo"].format(letra=letter)
    return named


def _unpacked(packed: str) -> bytes:
    """Decodes the file that the page kept. Raises ValueError if it is invalid, empty or larger than MAX_FILE_BYTES."""
    try:
        inflate = zlib.decompressobj()
        raw = inflate.decompress(base64.b64decode(packed, validate=True), MAX_FILE_BYTES + 1)
    except (binascii.Error, zlib.error):
        raise ValueError("sin_archivo") from None
    if not raw:
        raise ValueError("sin_archivo")
    if len(raw) > MAX_FILE_BYTES:
        raise ValueError("muy_grande")
    return raw


def _number(written: Any) -> int:
    text = str(written or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
