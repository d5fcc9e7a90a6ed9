"""Reads the number of keys from the beginning of an RDB file."""

from __future__ import annotations

import struct

MAGIC_BYTES = 9  # for example REDIS0011 or VALKEY080
AUX, SELECT_DB, RESIZE_DB, END = 0xFA, 0xFE, 0xFB, 0xFF
INTEGERS = {0: 1, 1: 2, 2: 4}  # special encoding of a string -> size of the integer in bytes
COMPRESSED = 3


def keys_in(head: bytes) -> int | None:
    """Returns the number of keys of an RDB file's first database; 0 if the file has no database.

    ``head`` is the beginning of the file. Returns None if it does not contain the number.
    """
    try:
        return _Head(head).keys()
    except (IndexError, struct.error):
        return None


class _Head:
    """A reader of the first bytes of an RDB file."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, MAGIC_BYTES

    def keys(self) -> int | None:
        while (code := self._byte()) == AUX:
            self._skip_string()
            self._skip_string()
        if code == END:
            return 0
        if code != SELECT_DB:
            return None
        self._length()
        return self._length()[0] if self._byte() == RESIZE_DB else None

    def _byte(self) -> int:
        self._at += 1
        return self._content[self._at - 1]

    def _length(self) -> tuple[int, bool]:
        """Reads a length and returns (length, False); for a special encoding, returns (its number, True)."""
        first = self._byte()
        kind, rest = first >> 6, first & 0x3F
        if kind == 0:
            return rest, False
        if kind == 1:
            return rest << 8 | self._byte(), False
        if kind == 3:
            return rest, True
        form, size = (">Q", 8) if rest else (">I", 4)
        (value,) = struct.unpack_from(form, self._content, self._at)
        self._at += size
        return int(value), False

    def _skip_string(self) -> None:
        length, special = self._length()
        if special and length == COMPRESSED:
            length, _ = self._length()
            self._length()
        elif special:
            length = INTEGERS[length]
        self._at += length
