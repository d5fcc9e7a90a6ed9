"""Compares two texts word by word and marks what was removed and added."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from html import escape

WORD = re.compile(r"\s+|\w+|[^\w\s]")


def words_diff(before: str, after: str) -> str:
    """Returns both texts as one safe HTML: removed words in ``del``, added ones in ``ins``; '' if they are equal."""
    if before == after:
        return ""
    old, new = WORD.findall(before), WORD.findall(after)
    pieces = []
    for what, start, stop, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, added = escape("".join(old[start:stop])), escape("".join(new[begin:end]))
        if what == "equal":
            pieces.append(gone)
            continue
        pieces += [f"<del>{gone}</del>"] * bool(gone) + [f"<ins>{added}</ins>"] * bool(added)
    return "".join(pieces)
