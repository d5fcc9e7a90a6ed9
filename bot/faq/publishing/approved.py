"""Reads and writes ``.aprobadas`` in the FAQ folder: the hashes of the texts that may be served with four-eyes.

These are the published texts: approved by a second person, or published in a way that needs no approval (Way in
bot/desk/editing/record.py). While an entry's text is not in the list, the last known good version is served. The
processes that answer read this file because they have no database. Without the file, any text is served.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path

from bot.core.disk import replace_file

NAME = ".aprobadas"

Approved = Mapping[str, Set[str]]  # path of an entry -> hashes of its approved texts


def read(faq_dir: Path) -> Approved | None:
    """Returns the approved hashes, keyed by the path of the entry; None if the folder has no list.

    A damaged line approves nothing; the next ``write`` replaces it.
    """
    try:
        lines = (faq_dir / NAME).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    approved: dict[str, set[str]] = {}
    for line in lines:
        digest, _, path = line.partition("  ")
        approved.setdefault(path, set()).add(digest)
    return approved


def write(faq_dir: Path, approved: Approved | None) -> None:
    """Replaces the list if it differs; deletes it if ``approved`` is None. Raises OSError."""
    if approved == read(faq_dir):
        return
    path = faq_dir / NAME
    if approved is None:
        path.unlink(missing_ok=True)
        return
    lines = (f"{digest}  {name}\n" for name in sorted(approved) for digest in sorted(approved[name]))
    replace_file(path, "".join(lines))
