"""Splits an answer into passages of plain text, which help to recognize an entry that has few variants.

A citizen may describe a situation with words that occur only in the answer.
"""

from __future__ import annotations

import re

from bot.faq.entries.entry import Entry

MIN_WORDS = 5
MAX_CHARS = 400
BLANK_LINE = re.compile(r"\n\s*\n")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
MARKS = re.compile(r"[*_`#>|]|^\s*(?:[-+]|\d+[.)])\s+", re.MULTILINE)


def passages(entry: Entry) -> tuple[str, ...]:
    """Returns the answer's paragraphs and lists that have at least MIN_WORDS words, as plain text cut to MAX_CHARS."""
    pieces = (" ".join(MARKS.sub(" ", LINK.sub(r"\1", piece)).split()) for piece in BLANK_LINE.split(entry.body))
    return tuple(dict.fromkeys(piece[:MAX_CHARS] for piece in pieces if len(piece.split()) >= MIN_WORDS))
