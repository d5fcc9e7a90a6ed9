"""Defines what a Redis key and a family of keys are: a name or pattern, with documentation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property


class Key(str):
    """The name of a Redis key, with documentation: its Redis type, its content, and when it expires ('' if never)."""

    kind: str
    holds: str
    ends: str

    def __new__(cls, name: str, kind: str, holds: str, ends: str = "") -> Key:
        key = super().__new__(cls, name)
        key.kind, key.holds, key.ends = kind, holds, ends
        return key


@dataclass(frozen=True)
class KeyFamily:
    """A pattern of Redis keys; calling it fills the placeholders.

    For ``v:ticket:<ticket>``, "7" gives ``v:ticket:7``. ``kind``, ``holds`` and ``ends`` document it as in Key.
    """

    pattern: str
    kind: str
    holds: str
    ends: str = ""

    @cached_property
    def parameters(self) -> list[str]:
        """Returns the names of the pattern's placeholders, in order."""
        return re.findall(r"<(\w+)>", self.pattern)

    @cached_property
    def pieces(self) -> list[str]:
        """Returns the text around the placeholders: one piece more than there are placeholders."""
        return re.split(r"<\w+>", self.pattern)

    def __call__(self, *parts: str) -> str:
        return "".join(piece + part for piece, part in zip(self.pieces, (*parts, ""), strict=True))
