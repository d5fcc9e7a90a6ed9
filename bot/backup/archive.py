"""Writes and reads the archive, a gzip-compressed tar stream.

Content of unknown length is split into several members. To unpack an archive by hand: ``age -d -i key backup.age | tar
xz``; ``cat record.dump/* | pg_restore ...``.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from bot.backup.errors import BackupDamaged
from bot.backup.manifest import Stream

PIECE_BYTES = 4 * 1024 * 1024
COMPRESSION = 3  # gzip level; low, because pictures and PDF files hardly shrink and the rest is small
COPY_BYTES = 64 * 1024


@dataclass(frozen=True)
class Member:
    """A file in the archive; its ``content`` can be read only until the next member is requested."""

    name: PurePosixPath
    size: int
    mtime: float
    content: BinaryIO

    def pieces(self) -> Iterator[bytes]:
        while piece := self.content.read(COPY_BYTES):
            yield piece


class Digest:
    """The number of bytes and the SHA-256 of a stream, updated as the stream is read."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._bytes = 0

    def update(self, content: bytes) -> None:
        self._hash.update(content)
        self._bytes += len(content)

    def stream(self) -> Stream:
        return Stream(bytes=self._bytes, sha256=self._hash.hexdigest())


class Writer:
    """Adds members to an archive that is being written."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, content: BinaryIO, size: int, mtime: float = 0.0) -> None:
        """Adds a member with ``size`` bytes of ``content``. Raises OSError if ``content`` is shorter."""
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = size, mtime, 0o600
        self._tar.addfile(info, content)
        forget_members(self._tar)

    def add_text(self, name: str, text: str) -> None:
        content = text.encode()
        self.add(name, io.BytesIO(content), len(content))

    def stream(self, name: str) -> PieceWriter:
        return PieceWriter(self, name)


class PieceWriter:
    """Writes content of unknown length as the members ``name/000000``, ``name/000001``, ... of the archive."""

    def __init__(self, writer: Writer, name: str) -> None:
        self._writer, self._name = writer, name
        self._waiting, self._number = bytearray(), 0
        self._digest = Digest()

    def write(self, content: bytes) -> None:
        self._digest.update(content)
        self._waiting += content
        while len(self._waiting) >= PIECE_BYTES:
            self._add(PIECE_BYTES)

    def finish(self) -> Stream:
        """Adds the remaining content as the last member; returns the length and hash of the whole content."""
        self._add(len(self._waiting))
        return self._digest.stream()

    def _add(self, size: int) -> None:
        name = f"{self._name}/{self._number:06}"
        self._writer.add(name, io.BytesIO(self._waiting[:size]), size)
        del self._waiting[:size]
        self._number += 1


@contextmanager
def writing(file: BinaryIO) -> Iterator[Writer]:
    with (
        gzip.GzipFile(fileobj=file, mode="wb", compresslevel=COMPRESSION, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        yield Writer(tar)


def members(file: BinaryIO) -> Iterator[Member]:
    """Yields the members of the archive in order.

    Raises BackupDamaged for a member that is not a regular file or whose name is absolute or contains ``..``: anybody
    who knows the public key can make an archive, so a name must not lead outside the folder into which it is unpacked.
    """
    with (
        gzip.GzipFile(fileobj=file, mode="rb") as packed,
        tarfile.open(fileobj=cast(BinaryIO, packed), mode="r|") as tar,
    ):
        for info in tar:
            name = PurePosixPath(info.name)
            content = tar.extractfile(info) if info.isreg() else None
            if content is None or name.is_absolute() or ".." in name.parts:
                raise BackupDamaged(archivo=info.name, detalle="member")
            yield Member(name, info.size, info.mtime, cast(BinaryIO, content))
            forget_members(tar)


def forget_members(tar: tarfile.TarFile) -> None:
    """Empties tarfile's list of members, which would otherwise grow with each member."""
    tar.__dict__["members"].clear()
