"""Reads a notice from the folder ``avisos`` of the home folder, for use when the desk is unavailable.

A person with access to the server writes a Markdown file there; every process that uses this home folder shows the
newest file until it is deleted or a day old.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from bot.core.logs import log
from bot.public_notices.notice import ON_DISK, PublicNotice, Severity

FOLDER = "avisos"
LASTS_MS = 24 * 3600 * 1000
MAX_CHARACTERS = 1200
MAX_BYTES = 16 * 1024


def notice_on_disk(home: Path, signed: str) -> PublicNotice | None:
    """Returns the newest file's text as a notice in the name of ``signed``; None if there is no file.

    The text is truncated to MAX_CHARACTERS. An empty or unreadable file counts as missing.
    """
    try:
        files = [(path.stat().st_mtime, path) for path in (home / FOLDER).glob("*.md")]
        if not files:
            return None
        written, path = max(files)
        with path.open("rb") as file:
            text = file.read(MAX_BYTES).decode("utf-8", "replace").strip()[:MAX_CHARACTERS]
    except OSError as error:
        log.warning("notices: folder not readable", error=type(error).__name__)
        return None
    if not text:
        return None
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    at = int(written * 1000)
    return PublicNotice(f"{ON_DISK}{digest}", text, Severity.GRAVE, signed, at, starts_at=at, ends_at=at + LASTS_MS)
