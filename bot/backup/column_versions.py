"""Removes from a dump the column versions that PostgreSQL 17.12 stores among each column's options.

PostgreSQL 17.12's own pg_dump omits these versions. Our pg_dump 18.6 writes them as the option ``pg_attver``, which
PostgreSQL 18 rejects, so such a dump could not be restored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# A line of a dump's table of contents. Table rows cannot match: they contain tabs, and their line breaks are escaped.
STATEMENT = re.compile(rb"(?<=\nALTER TABLE ONLY )([\w.\"]+ ALTER COLUMN [\w\"]+ )(SET \(pg_attver=\d{3,}\))(?=;\n)")
NOTHING = b"RESET (n_distinct)"  # has no effect, since n_distinct is never set on these columns
MOST_BYTES = 512  # maximum length of a statement


def without_column_versions(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yields the dump with each ``pg_attver`` statement replaced by a harmless statement of equal length.

    The lengths must be equal, because the dump's format stores lengths.
    """
    held = b""
    for piece in pieces:
        held = STATEMENT.sub(_harmless, held + piece)
        yield held[:-MOST_BYTES]
        held = held[-MOST_BYTES:]
    yield held


def _harmless(statement: re.Match[bytes]) -> bytes:
    return statement[1] + NOTHING.ljust(len(statement[2]))
