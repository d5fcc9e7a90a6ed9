"""Keeps the log files of all parts within a bound: a part appends to its file for as long as it runs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MAX_LOG_BYTES = 10 * 1024 * 1024


def bound_log(path: Path, max_bytes: int = MAX_LOG_BYTES) -> bool:
    """Moves what a log of more than ``max_bytes`` holds to ``<name>.1`` and empties it; True when it did.

    The part keeps its descriptor, which appends, so it need not be told. Where the disk has no room for the copy, the
    lines are lost and their space is free. Lines written between copying and emptying are lost too.
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
