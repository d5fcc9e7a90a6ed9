"""Distributes the tests over parallel processes, each with its own servers."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

ACCEPTANCE = "tests/acceptance"


class ByFile(LoadScopeScheduling):
    """Keeps a file in one process, and all tests of the running system together, since it is started once."""

    def _split_scope(self, nodeid: str) -> str:
        return ACCEPTANCE if nodeid.startswith(ACCEPTANCE) else nodeid.partition("::")[0]
