"""Finds the emergency numbers in a reply, where they are in bold: ``**131**``, ``***4141**``."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\*\*(\*?\d{3,4})\*\*")


def emergency_numbers_in(text: str) -> tuple[str, ...]:
    """Returns the emergency numbers in a reply's Markdown, each once, in order."""
    return tuple(dict.fromkeys(_NUMBER.findall(text)))
