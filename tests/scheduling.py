"""Distributes the tests over parallel processes, each with its own servers."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

ACCEPTANCE = "tests/acceptance"
CONTROL_GROUPS = Path("/sys/fs/cgroup")
FEWEST, MOST = 3, 6
MEMORY_EACH_MB = 1500  # a process with its servers, a browser and sometimes the encoder
OWN_SYSTEM = f"{ACCEPTANCE}/test_fault_harness.py"  # the longest file
ENCODER = "tests/encoder"
# Folders whose files all run in one process, because they share a slow start: of the system, the demo's entries
# as the encoder reads them, and Rasa.
TOGETHER = {ACCEPTANCE, ENCODER, "tests/rasa"}
# Slow files of these folders that do not use what the other files share.
OWN_ENCODER = ("encoder_build", "faq_reload", "prepare_apart", "refine")
# Folders of short files, which run last: no process must run one of the others alone while the rest have nothing to do.
LAST = ("tests/integration", "tests/lua", "tests/unit")
# These files read the syntax trees of all modules, which are parsed once per process (tests/source.py).
READ_ALL = {f"tests/unit/test_{name}.py" for name in ("layout", "outgoing", "text_keys", "typed_borders")}
ALONE = {OWN_SYSTEM, *(f"{ENCODER}/test_{name}.py" for name in OWN_ENCODER)}


class ByFile(LoadScopeScheduling):
    """Runs each file in one process, and files that share an expensive fixture together.

    Starting the system, starting Rasa and publishing the demo's entries are expensive. Files of ALONE do not use what
    the others of their folder share, and run in parallel with them. The longest files are in the first folder, and so
    begin first; the folders of LAST end the run.
    """

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid.partition("::")[0])


def scope_of(file: str) -> str:
    """Returns the name of the unit that runs in one process: the file, its folder, or "all modules"."""
    folder = file.rpartition("/")[0]
    if file in READ_ALL:
        return "all modules"
    return folder if folder in TOGETHER and file not in ALONE else file


def processes(cores: float, free_mb: float) -> int:
    """Returns the best number of test processes: two more than the cores, because tests often wait for servers.

    Limited by MOST and the memory, and at least FEWEST.
    """
    return max(FEWEST, min(MOST, int(cores) + 2, int(free_mb / MEMORY_EACH_MB)))


def cores(groups: Path = CONTROL_GROUPS) -> float:
    """Returns the number of processor cores that this process may use, which a container's quota may reduce."""
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
