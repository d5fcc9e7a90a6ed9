"""Escapes plain text for Markdown."""

from __future__ import annotations

import re

SIGNS = re.compile(r"[\\*_\[\]`<&~]")


def literal(words: str) -> str:
    """Returns ``words`` with a backslash before each character that Markdown would interpret within a line."""
    return SIGNS.sub(r"\\\g<0>", words)
