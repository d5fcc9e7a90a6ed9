"""Names the content of an entry's files by a hash, so that an answer, an approval and a revision name the same text.

Windows' line ends, a byte order mark and blank lines at the end do not count: saving a file unchanged is no edit.
"""

from __future__ import annotations

import hashlib

BOM = b"\xef\xbb\xbf"


def canonical(content: bytes) -> bytes:
    """Returns ``content`` with Unix line ends, without a byte order mark, and with exactly one line end at its end."""
    return content.removeprefix(BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n") + b"\n"


def sha256(content: bytes, phrases: bytes | None) -> str:
    """Returns the hexadecimal SHA-256 of an entry's file and of the file of its phrases, None or empty if it has none.

    Without phrases it is the hash of the file's canonical text alone.
    """
    digest = hashlib.sha256(canonical(content))
    if phrases:
        digest.update(b"\x00" + canonical(phrases))
    return digest.hexdigest()
