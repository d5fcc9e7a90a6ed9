"""Splits a text into the tokens that the sequence model labels: words, numbers, signs and data found before."""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.text.masking.found import MASK

DATUM = "\x00"  # stands for each character of data that were found before
# A datum that was masked before, with what its mask shows: «+56 9 •••• 4321», «a•••@correo.cl».
_MASKED = rf"(?:\+\d{{1,3}} (?:\d )?|\w)?{MASK}{{3,}}(?: \d{{4}}|@\S+)?"
_TOKEN = re.compile(rf"{_MASKED}|[^\W\d_]+|\d+|\x00+|\n\s*|[^\w\s]|_+")


class Token(NamedTuple):
    """A token: its place in the text, ``start`` to ``end``, and its letters ``written``."""

    start: int
    end: int
    written: str

    @property
    def is_datum(self) -> bool:
        return self.written[0] == DATUM or MASK in self.written


def tokens(text: str) -> list[Token]:
    """Returns the tokens of a text, in order; spaces belong to none."""
    return [Token(one.start(), one.end(), one[0]) for one in _TOKEN.finditer(text)]
