"""Draws a random sample of answers, in which uncertain and rare answers are overrepresented; does no I/O.

Strata divide the answers by the assistant's confidence and by how often their entry answered. Each drawn answer keeps
its drawing probability, so that estimates can be weighted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

SIZE = 30  # can be judged in about five minutes
SURE_FROM = 0.9  # probability from which an answer counts as sure
RARE_BELOW = 5  # an entry with fewer answers in a week counts as rare
UNSURE_WEIGHT, RARE_WEIGHT = 3.0, 2.0  # how many times as likely such answers are drawn
LEAST = 2  # minimum drawn from each stratum, if it has as many


@dataclass(frozen=True)
class Given:
    """An answer of the assistant: the id of its message, its entry, and the stated probability that it is right."""

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
    """Draws at most ``size`` answers without replacement, and returns them in random order."""
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
    """Divides the answers into strata, such as «unsure-rare»: ``sure`` or ``unsure``, and ``usual`` or ``rare``."""
    uses = Counter(one.entry for one in given)
    strata: defaultdict[str, list[Given]] = defaultdict(list)
    for one in given:
        sure = "sure" if one.probability >= SURE_FROM else "unsure"
        strata[f"{sure}-{'rare' if uses[one.entry] < RARE_BELOW else 'usual'}"].append(one)
    return dict(strata)


def allocation(sizes: Mapping[str, int], size: int) -> dict[str, int]:
    """Returns how many answers to draw from each stratum: first LEAST each, then in proportion to size and weight."""
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
