"""Reads and writes encrypted files: a header with the key's id, then chunks that are encrypted one by one.

Each chunk is bound to the file's name, its position, and whether it is the last chunk. So a file can be read chunk by
chunk, but not if it was truncated, reordered or renamed. Files of older releases are unencrypted and are read as they
are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path

from bot.core.secrets.encryption import NONCE_BYTES, ConversationCipher

MARK = b"\x02vf1"  # no accepted kind of file begins like this, nor does JSON
ID_BYTES = 8  # of a key's id
HEADER_BYTES = len(MARK) + ID_BYTES
CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16
ADDED_BYTES = NONCE_BYTES + TAG_BYTES  # to each chunk
SMALL = ".small"  # ends the name of a picture's thumbnail
FACTS = ".json"  # ends the name of a file's description

Ciphers = Mapping[str, ConversationCipher]  # by id of the key


class FileUnreadable(Exception):
    """A stored file is damaged, or its key was deleted or cannot be unwrapped."""


@dataclass(frozen=True)
class EncryptedFile:
    """A stored file at ``path``; ``ciphers`` are those of the keys in its folder."""

    path: Path
    ciphers: Ciphers

    @property
    def small(self) -> EncryptedFile:
        """Returns the thumbnail of a picture, or the file itself if it has none."""
        path = self.path.with_suffix(SMALL)
        return EncryptedFile(path, self.ciphers) if path.exists() else self

    def size(self) -> int:
        """Returns the number of bytes of the content. Raises FileNotFoundError."""
        stored = self.path.stat().st_size
        with self.path.open("rb") as file:
            if file.read(len(MARK)) != MARK:
                return stored
        chunks = -(-(stored - HEADER_BYTES) // (CHUNK_BYTES + ADDED_BYTES))
        return stored - HEADER_BYTES - chunks * ADDED_BYTES

    def chunks(self) -> Iterator[bytes]:
        """Yields the content in pieces. Raises FileUnreadable and FileNotFoundError."""
        with self.path.open("rb") as file:
            header = file.read(HEADER_BYTES)
            if not header:  # no accepted file is empty
                raise FileUnreadable(self.path.name)
            if not header.startswith(MARK):
                yield header
                yield from iter(lambda: file.read(CHUNK_BYTES), b"")
                return
            cipher = self.ciphers.get(header[len(MARK) :].decode("ascii", "replace"))
            if cipher is None:
                raise FileUnreadable(self.path.name)
            number, chunk = 0, file.read(CHUNK_BYTES + ADDED_BYTES)
            while True:
                following = file.read(CHUNK_BYTES + ADDED_BYTES)
                plain = cipher.cipher.decrypt(chunk, _about(self.path.name, number, last=not following))
                if plain is None:
                    raise FileUnreadable(self.path.name)
                yield plain
                if not following:
                    return
                number, chunk = number + 1, following

    def opened(self) -> tuple[int, Iterator[bytes]]:
        """Returns the content's size in bytes and an iterator over its chunks.

        Decrypts the first chunk at once, so that most damage raises FileUnreadable here; the iterator may still raise
        it, and FileNotFoundError.
        """
        pieces = self.chunks()
        first = next(pieces, b"")
        return self.size(), chain((first,), pieces)

    def read(self) -> bytes:
        """Returns the content. Raises FileUnreadable and FileNotFoundError."""
        return b"".join(self.chunks())


def is_encrypted(path: Path) -> bool:
    """Returns whether the file at ``path`` is encrypted. Raises FileNotFoundError."""
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK


def encrypted(content: bytes, cipher: ConversationCipher, name: str) -> bytes:
    """Returns ``content`` as it is stored in a file with this name."""
    pieces = [content[start : start + CHUNK_BYTES] for start in range(0, len(content), CHUNK_BYTES)] or [b""]
    stored = BytesIO()
    stored.write(MARK + cipher.id.encode())
    for number, piece in enumerate(pieces):
        about = _about(name, number, last=number == len(pieces) - 1)
        stored.write(cipher.cipher.encrypt(piece, about))
    return stored.getvalue()


def _about(name: str, number: int, *, last: bool) -> str:
    return "\x1f".join((name, str(number), "last" if last else "more"))
