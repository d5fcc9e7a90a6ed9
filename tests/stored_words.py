"""Decrypts the texts in a dump of Redis, for tests that search them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.store.words import CLOSE, OPEN, Words, WordsDamaged

# A token as Python or JSON, also within one another, shows it.
SHOWN = re.compile(r"(?:\x1e|\\+x1e|\\+u001e)([0-9a-f]{8}[A-Za-z0-9_-]+=*)(?:\x1f|\\+x1f|\\+u001f)")


def words_in_clear(words: Words, dump: str, conversations: Iterable[str]) -> str:
    """Returns the decrypted texts of all tokens in ``dump``; each must belong to one of ``conversations``."""
    names = list(conversations)
    return "\n".join(_plain(words, f"{OPEN}{found[1]}{CLOSE}", names) for found in SHOWN.finditer(dump))


def _plain(words: Words, token: str, names: list[str]) -> str:
    for name in names:
        try:
            return words.open(name, token)
        except WordsDamaged:
            continue
    raise AssertionError(f"no conversation of {names} opens {token!r}")
