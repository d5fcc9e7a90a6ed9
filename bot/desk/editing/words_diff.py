"""Compares two texts word by word and marks what was removed and added."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from html import escape

NEAR = 120  # characters of unchanged text that are shown beside a change
WORD = re.compile(r"\s+|\w+|[^\w\s]")


def words_diff(before: str, after: str) -> str:
    """Returns both texts as one safe HTML string: removed words in ``del``, added ones in ``ins``; '' if equal.

    Long unchanged passages are shortened to NEAR characters next to each change.
    """
    if before == after:
        return ""
    old, new = WORD.findall(before), WORD.findall(after)
    pieces, ends = [], (len(old), len(new))
    for what, start, stop, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, added = escape("".join(old[start:stop])), escape("".join(new[begin:end]))
        if what == "equal":
            pieces.append(escape(_near("".join(old[start:stop]), first=start + begin == 0, last=(stop, end) == ends)))
            continue
        pieces += [f"<del>{gone}</del>"] * bool(gone) + [f"<ins>{added}</ins>"] * bool(added)
    return "".join(pieces)


def _near(text: str, *, first: bool, last: bool) -> str:
    """Shortens unchanged text to its parts near a change; ``first`` has no change before it, ``last`` none after it."""
    before, after = ("" if first else text[:NEAR]), ("" if last else text[-NEAR:])
    if len(before) + len(after) >= len(text):
        return text
    return f"{before.rpartition(' ')[0]} … {after.partition(' ')[2]}"  # whole words
