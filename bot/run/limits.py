"""Raises the limit of open files, since each socket counts as an open file."""

from __future__ import annotations

import resource

WANTED_FILES = 65_536
FEW_FILES = 4_096


def raise_open_files() -> int:
    """Raises the file limit of this process and its future children, up to WANTED_FILES.

    Returns the resulting limit; WANTED_FILES if there is none.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    wanted = WANTED_FILES if hard == unlimited else min(WANTED_FILES, hard)
    if soft != unlimited and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return WANTED_FILES if soft == unlimited else soft
