"""Finds the run of words that look like one name around each token, and the word before it: «calle Ana Soto»."""

from __future__ import annotations

from collections.abc import Sequence

LINKS = frozenset("de del la las los el lo y e san santa santo".split())  # within a name, or before it
CAPITALS = frozenset(("Xx", "XX", "X1", "xX"))
NO_CASE = frozenset(("U", "l"))  # shapes in a text whose capitals say nothing


def runs(words: Sequence[str], shapes: Sequence[str], kinds: Sequence[str]) -> list[tuple[int, int]]:
    """Returns for each token the first and the last index of its run; a token that is in none is its own run."""
    found = [(at, at) for at in range(len(words))]
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and (_is_named(shapes[end], kinds[end]) or (end > at and words[end] in LINKS)):
            end += 1
        while end > at and words[end - 1] in LINKS and not _is_named(shapes[end - 1], kinds[end - 1]):
            end -= 1
        found[at:end] = [(at, end - 1)] * (end - at)
        at = max(end, at + 1)
    return found


def heads(words: Sequence[str]) -> list[int]:
    """Returns for each index that of the word before a run that begins there, apart from articles and «de»."""
    found = [0]
    for at, word in enumerate(words):
        found.append(found[-1] if word in LINKS else at)
    return found


def _is_named(shape: str, kind: str) -> bool:
    """Returns whether a word is capitalized or, where capitals say nothing, a known name and no ordinary word."""
    if shape in NO_CASE:
        return kind != shape and not kind.endswith("o")
    return shape in CAPITALS
