"""Distributes the tests over parallel processes, each with its own servers."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

ACCEPTANCE = "tests/acceptance"
OWN_SYSTEM = f"{ACCEPTANCE}/test_fault_harness.py"  # the longest file


class ByFile(LoadScopeScheduling):
    """Keeps a file in one process, and all tests of the running system together, since it is started once.

    A test that starts a system of its own runs beside them. The longest files are in the first folder, and so begin
    first.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return ACCEPTANCE if file.startswith(ACCEPTANCE) and file != OWN_SYSTEM else file
