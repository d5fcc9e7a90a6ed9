"""Updates published files in the index of a working tree, so that Git shows them as unchanged.

Everything else in the index is kept, including staged changes. Extensions are dropped: the accepted extensions are
caches, of which TREE would be wrong afterwards. Git rebuilds them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha1
from io import BytesIO
from pathlib import PurePosixPath

from dulwich.index import (
    ConflictedIndexEntry,
    IndexChecksumWriter,
    IndexEntry,
    UnsupportedIndexFormat,
    index_entry_from_stat,
    read_index_dict_with_version,
    write_index_dict,
)
from dulwich.objects import ObjectID

from bot.desk.editing.commits.repository import Place
from bot.desk.editing.commits.trouble import CannotCommit, Reason

CHECKSUM = 20  # bytes
Leaf = tuple[int, ObjectID]  # mode and blob of a file


class WorkingTreeIndex:
    """The index of the working tree, which Git's users change too; use it only while its lock is held."""

    def __init__(self, place: Place, names: Mapping[bytes, str]) -> None:
        """Reads the index; ``names`` maps the names of the files that ``put`` will get to their paths in the folder.

        Raises CannotCommit if a file is in conflict, if the index contains a file in place of a folder, or if the
        format of the index is not supported.
        """
        self._place, self._paths = place, names
        self._entries: dict[bytes, IndexEntry | ConflictedIndexEntry] = {}
        self._version = 2
        if place.index.exists():
            self._read(place.index.read_bytes())
        above = {str(one).encode() for name in names for one in PurePosixPath(name.decode()).parents}
        if above & self._entries.keys() or any(
            isinstance(self._entries.get(one), ConflictedIndexEntry) for one in names
        ):
            raise CannotCommit(Reason.BUSY)

    def put(self, leaves: Mapping[bytes, Leaf | None]) -> None:
        """Writes the index with ``leaves``, unless it already contains them; None removes a file. Raises OSError."""
        changed = {name: leaf for name, leaf in leaves.items() if self._has(name) != leaf}
        for name, leaf in changed.items():
            self._entries.pop(name, None)
            if leaf:
                self._entries[name] = self._entry(name, leaf)
        if changed:
            self._write()

    def _has(self, name: bytes) -> Leaf | None:
        entry = self._entries.get(name)
        return (entry.mode, entry.sha) if isinstance(entry, IndexEntry) else None

    def _entry(self, name: bytes, leaf: Leaf) -> IndexEntry:
        """Builds the entry of a file; if the file on the disk differs from ``leaf``, Git will show it as changed."""
        mode, blob = leaf
        file = self._place.folder / self._paths[name]
        if self._place.blob_of(file) == blob:
            return index_entry_from_stat(file.stat(), blob, mode)
        return IndexEntry((0, 0), (0, 0), 0, 0, mode, 0, 0, 0, blob)

    def _read(self, content: bytes) -> None:
        """Reads the entries. Raises CannotCommit if the index is damaged or contains more than entries and caches."""
        found = BytesIO(content)
        try:
            self._entries, self._version, _ = read_index_dict_with_version(found)
        except (UnsupportedIndexFormat, AssertionError):
            raise CannotCommit(Reason.FORMAT) from None
        is_whole = content[-CHECKSUM:] in {bytes(CHECKSUM), sha1(content[:-CHECKSUM], usedforsecurity=False).digest()}
        if found.tell() != len(content) - CHECKSUM or not is_whole:
            raise CannotCommit(Reason.FORMAT)

    def _write(self) -> None:
        fresh = self._place.private / "ventanilla.index"
        with fresh.open("wb") as file:
            summed = IndexChecksumWriter(file)
            write_index_dict(summed, self._entries, version=self._version)
            summed.write_checksum()
            file.flush()
            os.fsync(file.fileno())
        self._place.share(fresh)
        os.replace(fresh, self._place.index)
