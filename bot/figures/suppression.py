"""Hides small counts in what is published, and as many others as are needed so that none can be inferred."""

from __future__ import annotations

from collections.abc import Mapping

SMALLEST = 10


def is_small(count: float) -> bool:
    """Returns whether a count tells of so few that it is hidden; nothing at all may be told."""
    return 0 < count < SMALLEST


def hidden(parts: Mapping[str, int]) -> frozenset[str]:
    """Returns the parts of a known total that are hidden.

    Besides the small ones these are the next larger ones, until two are hidden that add up to at least SMALLEST:
    otherwise the total minus the others would tell them.
    """
    rising = sorted((name for name, count in parts.items() if count), key=lambda name: (parts[name], name))
    count = sum(is_small(parts[name]) for name in rising)
    while 0 < count < len(rising) and (count < 2 or sum(parts[name] for name in rising[:count]) < SMALLEST):
        count += 1
    return frozenset(rising[:count])


def is_telling(value: float, among: int) -> bool:
    """Returns whether a share tells of too few: who are in it, who are not, or all of them."""
    return any(map(is_small, (value, among - value, among)))
