"""Splits an answer into passages of plain text, which help to recognize an entry with few variants.

They help because a citizen may describe a situation in words that only the answer contains.
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
    """Returns the answer's paragraphs and lists of MIN_WORDS or more words, as plain text cut to MAX_CHARS."""
    pieces = (" ".join(MARKS.sub(" ", LINK.sub(r"\1", piece)).split()) for piece in BLANK_LINE.split(entry.body))
    return tuple(dict.fromkeys(piece[:MAX_CHARS] for piece in pieces if len(piece.split()) >= MIN_WORDS))
