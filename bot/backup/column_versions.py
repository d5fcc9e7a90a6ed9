"""Removes from a dump the versions that PostgreSQL 17.12 keeps among the options of each column.

That server's own pg_dump leaves them out. The pg_dump 18.6 that we use writes them as the option ``pg_attver``, which
PostgreSQL 18 does not accept, so the dump could not be restored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# A line of a dump's table of contents. No row of a table looks so: it has tabs, and a line break in it is escaped.
STATEMENT = re.compile(rb"(?<=\nALTER TABLE ONLY )([\w.\"]+ ALTER COLUMN [\w\"]+ )(SET \(pg_attver=\d{3,}\))(?=;\n)")
NOTHING = b"RESET (n_distinct)"  # changes nothing: the option has no value there
MOST_BYTES = 512  # of a statement


def without_column_versions(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yields the dump with harmless statements of the same length instead, since the format stores lengths."""
    held = b""
    for piece in pieces:
        held = STATEMENT.sub(_harmless, held + piece)
        yield held[:-MOST_BYTES]
        held = held[-MOST_BYTES:]
    yield held


def _harmless(statement: re.Match[bytes]) -> bytes:
    return statement[1] + NOTHING.ljust(len(statement[2]))
