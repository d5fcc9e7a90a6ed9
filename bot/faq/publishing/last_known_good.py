"""Keeps the last good version of every FAQ file, so that a broken one still answers after a restart.

Called by ``watch``. Each file is replaced in one step; several processes may keep the same versions.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection
from pathlib import Path

FOLDER = "good"


class LastKnownGood:
    """The folder ``home``/good, with the paths of the FAQ folder."""

    def __init__(self, home: Path) -> None:
        self._root = home / FOLDER

    def read(self, name: str) -> bytes | None:
        """The last good content of the file ``name``, None when it never had one."""
        try:
            return (self._root / name).read_bytes()
        except OSError:
            return None

    def keep(self, name: str, content: bytes) -> None:
        """Remembers ``content`` as good."""
        if self.read(name) == content:
            return
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as fresh:
            fresh.write(content)
        os.replace(fresh.name, path)

    def forget_all_but(self, names: Collection[str]) -> None:
        """Drops the versions of files that are no longer in the FAQ folder."""
        for path in self._root.rglob("*.md"):
            if path.relative_to(self._root).as_posix() not in names:
                path.unlink(missing_ok=True)
