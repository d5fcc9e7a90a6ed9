"""Identifies the content of an entry's files by a hash, to which answers, approvals and revisions refer.

The hash ignores Windows line ends, a byte order mark and blank lines at the end, which an editor may change on saving.
"""

from __future__ import annotations

import hashlib

BOM = b"\xef\xbb\xbf"


def canonical(content: bytes) -> bytes:
    """Returns ``content`` with Unix line ends, no byte order mark, and exactly one newline at the end."""
    return content.removeprefix(BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n") + b"\n"


def sha256(content: bytes, phrases: bytes | None) -> str:
    """Returns the hexadecimal SHA-256 of the canonical text of an entry's file and of its phrases file.

    ``phrases`` is None or empty if the entry has no phrases file; the hash is then that of the entry's file alone.
    """
    digest = hashlib.sha256(canonical(content))
    if phrases:
        digest.update(b"\x00" + canonical(phrases))
    return digest.hexdigest()
