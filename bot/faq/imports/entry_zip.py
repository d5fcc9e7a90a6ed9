"""Reads a ZIP of Markdown files, such as an export of another installation, into rows like those of a spreadsheet."""

from __future__ import annotations

import io
import zlib
from zipfile import BadZipFile, ZipFile

from bot.faq.entries.reading import MAX_BYTES
from bot.faq.imports import markdown_files
from bot.faq.imports.markdown_files import MAX_FILES
from bot.faq.imports.sheet_cell import Row
from bot.faq.imports.sheet_problem import SheetFound

MAX_UNPACKED_BYTES = 20 * 1024 * 1024
UNREADABLE = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


def rows(raw: bytes, _known: object, found: SheetFound) -> list[Row] | None:
    """Returns a row of headings and a row per Markdown file of the ZIP file ``raw``.

    Adds a problem and returns None if there is no such file or the ZIP file is damaged. Reports by name the files that
    are left out.
    """
    try:
        contents = _contents(raw, found)
    except UNREADABLE:
        found.add("zip_danado")
        return None
    if contents is None:
        found.add("muy_grande_abierto", maximo=MAX_UNPACKED_BYTES // 1024**2)
        return None
    made = markdown_files.rows_of(contents, found)
    if not made:
        found.add("zip_sin_respuestas")
    return made or None


def _contents(raw: bytes, found: SheetFound) -> dict[str, bytes] | None:
    """Returns the first MAX_FILES files, keyed by path and cut to MAX_BYTES + 1 bytes; reports if there are more.

    Returns None if they have more than MAX_UNPACKED_BYTES bytes in all.
    """
    made: dict[str, bytes] = {}
    with ZipFile(io.BytesIO(raw)) as archive:
        files = [one for one in archive.infolist() if one.filename and not one.is_dir()]  # a damaged name can be empty
        if len(files) > MAX_FILES:
            found.leave_out("muchos_archivos", files[MAX_FILES].filename, maximo=MAX_FILES)
        if sum(min(one.file_size, MAX_BYTES + 1) for one in files[:MAX_FILES]) > MAX_UNPACKED_BYTES:
            return None
        for one in files[:MAX_FILES]:
            with archive.open(one) as file:
                made[one.filename] = file.read(MAX_BYTES + 1)
    return made
