"""Stores the last good version of every FAQ file: it is served while the file has an error or awaits approval.

Files are replaced atomically, so several processes may share the folder. In a home folder that is mounted read-only,
the versions that other processes store are read.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from bot.core.disk import is_writable, replacing
from bot.faq.entries.folder import is_entry
from bot.faq.entries.phrases import SUFFIX, phrases_name

FOLDER = "good"


class LastKnownGood:
    """The folder ``home``/good; its files have the same relative paths as in the FAQ folder."""

    def __init__(self, home: Path) -> None:
        self._root = home / FOLDER

    def read(self, name: str) -> bytes | None:
        """Returns the last good content of the file ``name``; None if none is stored."""
        try:
            return (self._root / name).read_bytes()
        except OSError:
            return None

    def entry(self, name: str) -> dict[str, bytes]:
        """Returns the last good contents of an entry's file ``name`` and its phrases file, keyed by path.

        Returns {} if none are stored for ``name``.
        """
        content, beside = self.read(name), self.read(phrases_name(name))
        files = {name: content, phrases_name(name): beside}
        return {} if not content else {one: found for one, found in files.items() if found is not None}

    def keep(self, name: str, content: bytes) -> None:
        """Stores ``content`` as the last good version of the file ``name``. Raises OSError."""
        if self.read(name) == content or not self._is_writable():
            return
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as fresh:
            fresh.write(content)

    def forget_all_but(self, names: Collection[str]) -> None:
        """Deletes the stored versions of all files whose path is not in ``names``."""
        if not self._is_writable():
            return
        for path in self._root.rglob("*.*"):
            name = path.relative_to(self._root).as_posix()
            if (is_entry(name) or name.endswith(SUFFIX)) and name not in names:
                path.unlink(missing_ok=True)

    def _is_writable(self) -> bool:
        home = self._root.parent
        return not home.exists() or is_writable(home)
