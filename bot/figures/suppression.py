"""Hides small counts in publications, and as many other counts as needed so that the small ones cannot be inferred."""

from __future__ import annotations

from collections.abc import Mapping

SMALLEST = 10


def is_small(count: float) -> bool:
    """Returns whether a count is too small to publish; 0 may be published."""
    return 0 < count < SMALLEST


def hidden(parts: Mapping[str, int]) -> frozenset[str]:
    """Returns the names of the parts of a known total whose counts must be hidden.

    These are the small counts, if there are any, and then the next larger ones until at least two are hidden and add up
    to SMALLEST or more. Fewer would be revealed by subtracting the shown counts from the total.
    """
    rising = sorted((name for name, count in parts.items() if count), key=lambda name: (parts[name], name))
    count = sum(is_small(parts[name]) for name in rising)
    while 0 < count < len(rising) and (count < 2 or sum(parts[name] for name in rising[:count]) < SMALLEST):
        count += 1
    return frozenset(rising[:count])


def is_revealing(value: float, among: int) -> bool:
    """Returns whether a share reveals a small count: its numerator, the remainder, or its denominator."""
    return any(map(is_small, (value, among - value, among)))
