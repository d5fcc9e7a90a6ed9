"""Runs all tests in parallel, then those that failed once more, alone: ``python -m tests.again``.

A test that fails only beside others fails for time, not for its subject. It is named at the end, as something to mend,
but does not fail the run.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CUT_OFF = "tests/cut_off"  # key of pytest's cache
# With more failures than this, the change is at fault, not the machine.
MOST = 8
TESTS_FAILED = 1  # pytest's exit code; others mean that it was interrupted or not started
PARALLEL = ("-n", "auto", "--no-loadscope-reorder", "--max-worker-restart", "0")


def main(folder: Path, parallel: tuple[str, ...] = PARALLEL) -> int:
    """Tests a folder and returns pytest's exit code.

    folder: where pytest starts; it keeps the names of the failed tests there (.pytest_cache).
    """
    code = _pytest(folder, *parallel, "--cache-clear")
    failed = _kept(folder, "cache/lastfailed") if code == TESTS_FAILED and not _kept(folder, CUT_OFF) else []
    if not 0 < len(failed) <= MOST:
        return code
    _say(f"\nRunning alone what failed beside others: {len(failed)}")
    code = _pytest(folder, "--last-failed", "--last-failed-no-failures", "none")
    if code == 0:
        _say("Passed only alone; make them independent of time:", *failed)
    return code


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Notes that a process ended before its tests did, which pytest's exit code does not always tell."""
    if error:
        node.config.cache.set(CUT_OFF, True)


def _pytest(folder: Path, *arguments: str) -> int:
    command = (sys.executable, "-m", "pytest", "-p", "tests.again", *arguments)
    return subprocess.run(command, cwd=folder, check=False).returncode


def _say(*lines: str) -> None:
    sys.stdout.write("\n  ".join(lines) + "\n")
    sys.stdout.flush()  # before what pytest writes to the same place


def _kept(folder: Path, key: str) -> Any:
    """Returns what pytest's cache of the last run has for a key, or nothing."""
    file = folder / ".pytest_cache" / "v" / key
    return json.loads(file.read_text()) if file.exists() else []


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
