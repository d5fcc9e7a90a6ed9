"""Compiles the test modules once, as pytest rewrites them; each process of a run would else do so for all of them.

In a new checkout that is ten seconds of processor time for each process, since all begin at the same time.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COLLECT = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")


def are_compiled(folder: Path) -> bool:
    """Returns whether pytest keeps most test modules of ``folder`` compiled, or may keep none."""
    modules = list(folder.glob("tests/*/test_*.py"))
    kept = list(folder.glob("tests/*/__pycache__/test_*-pytest-*.pyc"))
    return sys.dont_write_bytecode or len(kept) > len(modules) / 2


@contextmanager
def compiling(folder: Path) -> Iterator[None]:
    """Lets pytest collect the tests of ``folder`` in a process of its own during the block, unless they are compiled.

    What is wrong with a test module is told by the run that follows.
    """
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = None if are_compiled(folder) else subprocess.Popen(COLLECT, cwd=folder, **silent)
    try:
        yield
    finally:
        if process:
            process.wait()
