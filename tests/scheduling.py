"""How the tests are shared between processes that run beside each other, each with servers of its own."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

ACCEPTANCE = "tests/acceptance"


class ByFile(LoadScopeScheduling):
    """A file stays in one process; what needs the running system too, since that is started once."""

    def _split_scope(self, nodeid: str) -> str:
        return ACCEPTANCE if nodeid.startswith(ACCEPTANCE) else nodeid.partition("::")[0]
