"""Adds the files of a folder to the archive, unpacks them, and computes their counts and hashes."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from bot.backup.archive import COPY_BYTES, Digest, Member, Writer
from bot.backup.errors import BackupDamaged
from bot.backup.manifest import FolderCounts

READ_AT_ONCE_BYTES = 16 * 1024 * 1024  # more than any file that citizens or staff send


class FolderDigest:
    """The number, total size and hash of a folder's files, which must be added in the order of ``walk``."""

    def __init__(self) -> None:
        self._hash, self._files, self._bytes = hashlib.sha256(), 0, 0

    def add(self, name: str, digest: Digest) -> None:
        one = digest.stream()
        self._hash.update(f"{name}\0{one.bytes}\0{one.sha256}\n".encode())
        self._files += 1
        self._bytes += one.bytes

    def counts(self) -> FolderCounts:
        return FolderCounts(files=self._files, bytes=self._bytes, sha256=self._hash.hexdigest())


def walk(folder: Path, below: str = "") -> Iterator[tuple[str, Path]]:
    """Yields the relative name and path of each regular file in a folder and below, in a fixed order.

    Skips symbolic links. Yields nothing if the folder does not exist.
    """
    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        path = folder / name
        if path.is_symlink():
            continue
        if path.is_dir():
            yield from walk(path, f"{below}{name}/")
        elif path.is_file():
            yield f"{below}{name}", path


def found_at(path: Path) -> Iterator[tuple[str, Path]]:
    """Yields the files of a folder as ``walk`` does; if ``path`` is a file, only its name and path."""
    return walk(path) if path.is_dir() else iter(((path.name, path),))


def add_files(writer: Writer, prefix: str, files: Iterator[tuple[str, Path]]) -> FolderCounts:
    """Adds files to the archive, in its folder ``prefix``, and returns their counts.

    Omits files that were deleted meanwhile.
    """
    counted = FolderDigest()
    for name, path in files:
        try:
            with path.open("rb") as file:
                digest = _add_file(writer, f"{prefix}/{name}", file)
        except FileNotFoundError:
            continue
        counted.add(name, digest)
    return counted.counts()


def count_files(files: Iterator[tuple[str, Path]]) -> FolderCounts:
    """Reads the files and returns the same counts as ``add_files``."""
    counted = FolderDigest()
    for name, path in files:
        digest = Digest()
        with path.open("rb") as file:
            while piece := file.read(COPY_BYTES):
                digest.update(piece)
        counted.add(name, digest)
    return counted.counts()


def unpack(member: Member, path: Path) -> None:
    """Writes a member to the new file ``path``, readable only by its owner.

    The file keeps its modification time, by which old files are later deleted. Raises BackupDamaged if another member
    has the same path, or is a file where this one needs a folder.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except (FileExistsError, NotADirectoryError) as error:
        raise BackupDamaged(archivo=member.name, detalle="member") from error
    with os.fdopen(descriptor, "wb") as file:
        for piece in member.pieces():
            file.write(piece)
    os.utime(path, (member.mtime, member.mtime))


def _add_file(writer: Writer, name: str, file: BinaryIO) -> Digest:
    """Adds an open file to the archive and returns its digest.

    Reads a small file completely first, since an editor may be saving it.
    """
    facts = os.fstat(file.fileno())
    digest = Digest()
    if facts.st_size <= READ_AT_ONCE_BYTES:
        content = file.read(READ_AT_ONCE_BYTES)
        digest.update(content)
        writer.add(name, io.BytesIO(content), len(content), facts.st_mtime)
    else:
        writer.add(name, cast(BinaryIO, _Hashed(file, digest)), facts.st_size, facts.st_mtime)
    return digest


class _Hashed(io.RawIOBase):
    """A file object that adds everything read from it to a Digest."""

    def __init__(self, file: BinaryIO, digest: Digest) -> None:
        self._file, self._digest = file, digest

    def read(self, size: int = -1, /) -> bytes:
        content = self._file.read(size)
        self._digest.update(content)
        return content
