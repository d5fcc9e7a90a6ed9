"""Tests that the launcher raises the limit of open files to the machine's maximum."""

from __future__ import annotations

import resource
import subprocess
import sys

from bot.core.process import WANTED_FILES, raise_open_files

SCRIPT = """
import resource
from bot.core.process import raise_open_files
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
print(raise_open_files(), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def limits(soft: int, hard: int) -> list[int]:
    script = SCRIPT.format(soft=soft, hard=hard)
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    return [int(word) for word in said.split()]


def test_open_file_limit_is_raised_to_the_machines_maximum() -> None:
    hard = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1] % 2**63, 4000)
    assert limits(256, hard) == [hard, hard, hard]


def test_sufficient_limit_stays() -> None:
    assert limits(1000, 1000) == [1000, 1000, 1000]


def test_no_limit_is_ever_lowered() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        told = [raise_open_files() for _ in range(2)]
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert hard == before[1]
    assert soft >= before[0] or soft == resource.RLIM_INFINITY
    assert told == [WANTED_FILES if soft == resource.RLIM_INFINITY else soft] * 2
