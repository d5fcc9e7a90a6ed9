"""Limits the size of the log files."""

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


def _copy(path: Path, older: Path) -> None:
    try:
        shutil.copyfile(path, older)
    except OSError:
        older.unlink(missing_ok=True)
