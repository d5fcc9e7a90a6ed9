"""Estimates the share of wrong answers from a sample with unequal drawing probabilities; does no I/O."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import fsum

from bot.figures.intervals import wilson


@dataclass(frozen=True)
class Judgement:
    """A judged answer: the probability with which it was drawn (``chance``), and whether it was wrong."""

    chance: float
    is_bad: bool


@dataclass(frozen=True)
class Estimate:
    """The estimated share of wrong answers, from 0 to 1, and its 95 % confidence interval."""

    share: float
    low: float
    high: float


def estimate(judged: Collection[Judgement]) -> Estimate:
    """Estimates the share, weighting each answer by the inverse of its chance; no answers give the interval (0, 1).

    The interval is Wilson's, for Kish's effective sample size.
    """
    weights = [1 / one.chance for one in judged]
    total, squares = fsum(weights), fsum(weight * weight for weight in weights)
    if not total:
        return Estimate(0.0, 0.0, 1.0)
    share = fsum(weight for one, weight in zip(judged, weights, strict=True) if one.is_bad) / total
    size = total * total / squares
    return Estimate(share, *wilson(share * size, size))
