"""Prints the results of benchmarks."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """Prints a line at once, also to a file."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
