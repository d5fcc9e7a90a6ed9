"""Writes plain words as Markdown."""

from __future__ import annotations

import re

SIGNS = re.compile(r"[\\*_\[\]`<&~]")


def literal(words: str) -> str:
    """Makes the signs plain that Markdown would take for its own."""
    return SIGNS.sub(r"\\\g<0>", words)
