"""Compares two texts word by word and marks what was removed and added.

Lines are compared first, and then only the words of changed lines: comparing all words of two entries takes seconds,
and the page of an entry compares at every save.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from html import escape
from itertools import groupby

NEAR = 120  # characters of unchanged text that are shown beside a change
MAX_PAIRS = 4_000_000  # pairs of words to compare; a passage with more is shown as removed and added as a whole
WORD = re.compile(r"\s+|\$?\d[\d.,:/-]*\d|\w+|[^\w\s]")  # an amount, a time or a date is one word: $7.500

Passage = tuple[bool, str, str]  # whether it is equal, its old and its new text


def words_diff(before: str, after: str) -> str:
    """Returns both texts as one safe HTML string: removed words in ``del``, added words in ``ins``; '' if equal.

    Long unchanged passages are shortened to NEAR characters next to each change.
    """
    if before == after:
        return ""
    passages = [(equal, [*some]) for equal, some in groupby(_passages(before, after), key=lambda one: one[0])]
    pieces = []
    for place, (equal, some) in enumerate(passages):
        if equal:
            text = "".join(old for _, old, _ in some)
            pieces.append(escape(_near(text, first=place == 0, last=place == len(passages) - 1)))
        else:
            pieces += [_marked(gone, added) for _, gone, added in some]
    return "".join(pieces)


def _marked(gone: str, added: str) -> str:
    removed = f"<del>{escape(gone)}</del>" if gone else ""
    return f"{removed}<ins>{escape(added)}</ins>" if added else removed


def _passages(before: str, after: str) -> Iterator[Passage]:
    """Yields the equal, removed and added passages of both texts, in order.

    Lines are compared first, then the words of changed lines.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for what, start, stop, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, added = "".join(old[start:stop]), "".join(new[begin:end])
        if what == "replace":
            yield from _by_word(gone, added)
        else:
            yield what == "equal", gone, added


def _by_word(before: str, after: str) -> Iterator[Passage]:
    old, new = WORD.findall(before), WORD.findall(after)
    if len(old) * len(new) > MAX_PAIRS:
        yield False, before, after
        return
    for what, start, stop, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield what == "equal", "".join(old[start:stop]), "".join(new[begin:end])


def _near(text: str, *, first: bool, last: bool) -> str:
    """Shortens unchanged text to its parts near a change; ``first`` has no change before it, ``last`` none after it."""
    before, after = ("" if first else text[:NEAR]), ("" if last else text[-NEAR:])
    if len(before) + len(after) >= len(text):
        return text
    return f"{before.rpartition(' ')[0]} … {after.partition(' ')[2]}"  # whole words
