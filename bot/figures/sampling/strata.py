"""Draws answers at random, more of those that are likelier to be wrong; does no I/O.

Answers are divided by how sure the assistant was and by how often their entry answered. Each drawn answer keeps the
chance that it had, so that estimates can be weighted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

SIZE = 30  # judged in about five minutes
SURE_FROM = 0.9  # probability from which an answer counts as sure
RARE_BELOW = 5  # answers of an entry in a week
UNSURE_WEIGHT, RARE_WEIGHT = 3.0, 2.0  # how many times as likely such answers are drawn
LEAST = 2  # from each stratum, if it has as many


@dataclass(frozen=True)
class Given:
    """An answer that was given: the id of its message, its entry, and the probability that was said."""

    message: int
    entry: str
    probability: float


@dataclass(frozen=True)
class Drawn:
    """A drawn answer; ``chance`` is the probability with which it was drawn."""

    given: Given
    stratum: str
    chance: float


def draw(given: Sequence[Given], dice: Random, size: int = SIZE) -> list[Drawn]:
    """Returns at most ``size`` answers in random order, without replacement within each stratum."""
    strata = strata_of(given)
    counts = allocation({name: len(group) for name, group in strata.items()}, size)
    drawn = [
        Drawn(one, name, counts[name] / len(group))
        for name, group in strata.items()
        for one in dice.sample(group, counts[name])
    ]
    dice.shuffle(drawn)
    return drawn


def strata_of(given: Sequence[Given]) -> dict[str, list[Given]]:
    """Returns the answers of each stratum: ``sure`` or ``unsure``, and ``usual`` or ``rare``."""
    uses = Counter(one.entry for one in given)
    strata: defaultdict[str, list[Given]] = defaultdict(list)
    for one in given:
        sure = "sure" if one.probability >= SURE_FROM else "unsure"
        strata[f"{sure}-{'rare' if uses[one.entry] < RARE_BELOW else 'usual'}"].append(one)
    return dict(strata)


def allocation(sizes: Mapping[str, int], size: int) -> dict[str, int]:
    """Returns how many to draw from each stratum: LEAST, and the rest one by one where the most weight is left."""
    counts = dict.fromkeys(sizes, 0)
    for _ in range(min(size, sum(sizes.values()))):
        open_ones = [name for name in sizes if counts[name] < sizes[name]]
        short = [name for name in open_ones if counts[name] < LEAST]
        best = max(short or open_ones, key=lambda name: (sizes[name] * weight_of(name) / (counts[name] + 1), name))
        counts[best] += 1
    return counts


def weight_of(stratum: str) -> float:
    sure, use = stratum.split("-")
    return (UNSURE_WEIGHT if sure == "unsure" else 1.0) * (RARE_WEIGHT if use == "rare" else 1.0)
