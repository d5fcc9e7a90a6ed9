"""How many files a process of this machine may have open: every socket is one. Called by the launcher, once."""

from __future__ import annotations

import resource

WANTED_FILES = 65_536
FEW_FILES = 4_096


def raise_open_files() -> int:
    """Raises this process's limit, which the parts inherit, as far as the machine lets it; returns the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    wanted = WANTED_FILES if hard == unlimited else min(WANTED_FILES, hard)
    if soft != unlimited and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return WANTED_FILES if soft == unlimited else soft
