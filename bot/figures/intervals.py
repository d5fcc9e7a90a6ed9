"""Computes the confidence intervals of a share that is known from a sample, and of the difference of two shares."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

LEVEL = 0.95


def wilson(value: float, among: float) -> tuple[float, float]:
    """Returns the 95 % Wilson interval of ``value`` out of ``among``, as shares; (0, 1) if ``among`` is 0."""
    if not among:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    share, base = value / among, 1 + z * z / among
    middle = (share + z * z / (2 * among)) / base
    half = z / base * sqrt(share * (1 - share) / among + z * z / (4 * among * among))
    return max(0.0, middle - half), min(1.0, middle + half)


def difference(first: tuple[float, float], second: tuple[float, float]) -> tuple[float, float]:
    """Returns the (low, high) 95 % interval of the second share minus the first, from -1 to 1.

    Each share is given as (value, among); nothing is known of a share with an ``among`` of 0.

    The interval is computed from the two Wilson intervals by Newcombe's method 10 (1998), so it is valid for small
    numbers too.
    """
    (low_1, high_1), (low_2, high_2) = wilson(*first), wilson(*second)
    share_1, share_2 = (value / among if among else 0.5 for value, among in (first, second))
    change = share_2 - share_1
    below = sqrt((share_2 - low_2) ** 2 + (high_1 - share_1) ** 2)
    above = sqrt((high_2 - share_2) ** 2 + (share_1 - low_1) ** 2)
    return max(-1.0, change - below), min(1.0, change + above)
