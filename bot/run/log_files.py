"""Limits the size of the log files, and reads the last message of a kind from them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MAX_LOG_BYTES = 10 * 1024 * 1024


def bound_log(path: Path, max_bytes: int = MAX_LOG_BYTES) -> bool:
    """Copies a log larger than ``max_bytes`` to ``<name>.1`` and truncates it; returns whether it was truncated.

    The process keeps appending to the same open file. Lines written between the copy and the truncation are lost. If
    there is no space for the copy, the log is truncated anyway.
    """
    try:
        if path.stat().st_size <= max_bytes:
            return False
        _copy(path, path.with_name(f"{path.name}.1"))
        os.truncate(path, 0)
    except OSError:
        return False
    return True


def last_logged(path: Path, mark: str) -> str | None:
    """Returns the rest of the line after the last ``mark`` in a log, or in its older part; None without a ``mark``."""
    for one in (path, path.with_name(f"{path.name}.1")):
        try:
            content = one.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        _, found, after = content.rpartition(mark)
        if found:
            return after.partition("\n")[0]
    return None


def _copy(path: Path, older: Path) -> None:
    try:
        shutil.copyfile(path, older)
    except OSError:
        older.unlink(missing_ok=True)
