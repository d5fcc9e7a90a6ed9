"""Distributes the tests over parallel processes, each with its own servers."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

ACCEPTANCE = "tests/acceptance"
CONTROL_GROUPS = Path("/sys/fs/cgroup")
FEWEST, MOST = 3, 6
MEMORY_EACH_MB = 1500  # a process with its servers, a browser and now and then the encoder
OWN_SYSTEM = f"{ACCEPTANCE}/test_fault_harness.py"  # the longest file
ENCODER = "tests/encoder"
# Files of these folders that use nothing of what the others of their folder share, and take long.
OWN_ENCODER = ("encoder_build", "faq_reload", "prepare_apart", "refine")
# They read the syntax trees of all modules, which are parsed once a process (tests/source.py).
READ_ALL = {f"tests/unit/test_{name}.py" for name in ("layout", "text_keys", "typed_borders")}
ALONE = {OWN_SYSTEM, *(f"{ENCODER}/test_{name}.py" for name in OWN_ENCODER)}


class ByFile(LoadScopeScheduling):
    """Keeps a file in one process, and together what starts the system, or publishes the demo's entries, only once.

    A test that starts a system of its own runs beside them. The longest files are in the first folder, and so begin
    first.
    """

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid.partition("::")[0])


def scope_of(file: str) -> str:
    """Returns the name of what runs in one process: the file, its folder, or what several files read."""
    folder = file.rpartition("/")[0]
    if file in READ_ALL:
        return "all modules"
    return folder if folder in {ACCEPTANCE, ENCODER} and file not in ALONE else file


def processes(cores: float, free_mb: float) -> int:
    """Returns how many test processes a machine bears: two more than its cores, since servers keep them waiting."""
    return max(FEWEST, min(MOST, int(cores) + 2, int(free_mb / MEMORY_EACH_MB)))


def cores(groups: Path = CONTROL_GROUPS) -> float:
    """Returns how many processor cores this process may use; a container's quota may be less than the machine has."""
    found: float = len(os.sched_getaffinity(0))
    with suppress(OSError, ValueError):
        quota, period = (groups / "cpu.max").read_text().split()
        found = min(found, int(quota) / int(period))
    with suppress(OSError, ValueError):
        quota, period = ((groups / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        found = min(found, int(quota) / int(period)) if int(quota) > 0 else found
    return found


def free_mb() -> float:
    """Returns the memory that is free on this machine, in MiB."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("MemAvailable:"))
