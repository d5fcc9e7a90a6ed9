"""Computes the confidence interval of a share that is known from a sample."""

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
