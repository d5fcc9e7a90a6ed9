"""Gives each part a clock that a fault can set, by means of libfaketime; the machine's clock does not change."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib64/faketime/libfaketimeMT.so.1",
)
CACHED_S = 1  # maximum seconds until a part sees its new time
PROBE_S = 7200
PROBE_TIMEOUT_S = 30
TIME = "import time; print(time.time())"


def library() -> str:
    """Returns the path of libfaketime, or '' if it is not installed."""
    return next((path for path in LIBRARIES if Path(path).exists()), "")


def faked(env: Mapping[str, str], part: str, folder: str | Path) -> dict[str, str]:
    """Returns ``env`` with the variables that make a process read its time from the clock ``part`` in the folder."""
    return {
        **env,
        "LD_PRELOAD": library(),
        "FAKETIME_TIMESTAMP_FILE": str(Path(folder) / part),
        "FAKETIME_CACHE_DURATION": str(CACHED_S),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",  # the variable's name in older releases
        "FAKETIME_DISABLE_SHM": "1",
        "NO_FAKE_STAT": "1",
    }


def set_clock(folder: Path, part: str, ahead_s: int) -> None:
    """Sets the clock of a part ``ahead_s`` seconds ahead of the machine's clock (behind it if negative)."""
    fresh = folder / f"{part}.new"
    fresh.write_text(f"{ahead_s:+d}\n")
    fresh.replace(folder / part)


def why_no_clocks() -> str:
    """Returns the reason why the parts' clocks cannot be set here, or '' if they can be set."""
    if not library():
        return "jumps of the clock need libfaketime"
    with tempfile.TemporaryDirectory() as folder:
        set_clock(Path(folder), "probe", PROBE_S)
        command, env = [sys.executable, "-c", TIME], faked(os.environ, "probe", folder)
        shown = subprocess.run(  # noqa: S603
            command, env=env, capture_output=True, text=True, timeout=PROBE_TIMEOUT_S, check=False
        ).stdout
        plain = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    try:
        return "" if float(shown) - float(plain) > PROBE_S / 2 else "libfaketime has no effect here"
    except ValueError:
        return "libfaketime does not work here"
