"""Writes and reads the archive: a compressed tar stream, in which a stream of unknown length is cut into pieces.

By hand: ``age -d -i key backup.age | tar xz``; ``cat record.dump/* | pg_restore ...``.
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
COMPRESSION = 3  # pictures and PDF hardly get smaller, and the rest is small
COPY_BYTES = 64 * 1024


@dataclass(frozen=True)
class Member:
    """A file in the archive; ``content`` can be read until the next member is asked for."""

    name: PurePosixPath
    size: int
    mtime: float
    content: BinaryIO

    def pieces(self) -> Iterator[bytes]:
        while piece := self.content.read(COPY_BYTES):
            yield piece


class Digest:
    """Counts and hashes what passes."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._bytes = 0

    def update(self, content: bytes) -> None:
        self._hash.update(content)
        self._bytes += len(content)

    def stream(self) -> Stream:
        return Stream(bytes=self._bytes, sha256=self._hash.hexdigest())


class Writer:
    """Writes members to the archive."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, content: BinaryIO, size: int, mtime: float = 0.0) -> None:
        """Adds ``size`` bytes of ``content``. Raises OSError if there are fewer."""
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
    """Adds a stream of unknown length as members ``name/000000``, ``name/000001``, ..."""

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
        """Writes the rest and returns the stream's length and hash."""
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
    """Reads the archive, oldest member first. Raises BackupDamaged for a member that is no plain file.

    Anybody who knows the public key can make an archive, so no name may lead outside the folder it is unpacked to.
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
    """Empties tarfile's list of all members, which it would keep in memory."""
    tar.__dict__["members"].clear()
