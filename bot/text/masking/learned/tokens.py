"""Splits a text into the tokens that the sequence model labels: words, numbers, signs and data found before."""

from __future__ import annotations

import re
from typing import NamedTuple

DATUM = "\x00"  # stands for each character of data that were found before
NEW_LINE = "\n"
_TOKEN = re.compile(r"[^\W\d_]+|\d+|\x00+|\n\s*|[^\w\s]|_+")


class Token(NamedTuple):
    """A token: its place in the text, ``start`` to ``end``, and its letters ``written``."""

    start: int
    end: int
    written: str


def tokens(text: str) -> list[Token]:
    """Returns the tokens of a text, in order; spaces belong to none."""
    return [Token(one.start(), one.end(), one[0]) for one in _TOKEN.finditer(text)]
