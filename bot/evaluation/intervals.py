"""Computes 95 % bootstrap intervals of shares, which show how much a share depends on the sample of messages."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bot.evaluation.metrics import Rate

RESAMPLES = 1000
SEED = 20261124
TAILS = (2.5, 97.5)
Interval = tuple[float, float]


def intervals(rates: Mapping[str, Rate]) -> dict[str, Interval | None]:
    """Maps the name of each share to its interval; None for a share of no messages.

    All shares use the same resamples of the messages, drawn with replacement and a fixed seed.
    """
    if not rates:
        return {}
    counted = np.array([rate.counted & rate.among for rate in rates.values()], dtype=np.float64)
    among = np.array([rate.among for rate in rates.values()], dtype=np.float64)
    count = among.shape[1]
    random = np.random.default_rng(SEED)
    draws = (np.bincount(random.integers(count, size=count), minlength=count) for _ in range(RESAMPLES if count else 0))
    pairs = [(counted @ times, among @ times) for times in draws]
    return {name: _interval(rate, pairs, index) for index, (name, rate) in enumerate(rates.items())}


def _interval(rate: Rate, pairs: list[tuple[np.ndarray, np.ndarray]], index: int) -> Interval | None:
    """Returns the 2.5th and 97.5th percentile of the share over the resamples, widened to include the share.

    Returns None if the share is undefined.
    """
    if rate.value is None:
        return None
    drawn = [above[index] / below[index] for above, below in pairs if below[index]]
    low, high = np.percentile(drawn or [rate.value], TAILS)
    return min(float(low), rate.value), max(float(high), rate.value)
