"""Corrects the expected number of mistakes by those that citizens and agents found.

The probabilities of entries say how many mistakes to expect. An agency's citizens show how many there are: they choose
among offered entries, say that an answer was not what they asked, or get another entry from an agent. The number of
mistakes is taken for Poisson, with mean ``ratio`` times the expected number, and the ratio for Gamma, so the update is
conjugate: prior and observed numbers are added.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import fsum, sqrt
from pathlib import Path
from statistics import NormalDist

from bot.core.disk import replace_file

PRIOR_MISTAKES = 3.0  # weight of the prior ratio, 1, as a number of mistakes
CERTAINTY = 0.8  # probability with which there are fewer mistakes than expected, before the thresholds are lowered
SMALLEST = 0.25  # of the ratio
# Only messages count whose likeliest entry had at least this probability; the thresholds are not about others.
LEAST_CONFIDENCE = 0.5
COMPLAINTS = 1 / 3  # share of the wrong answers of which somebody says so
FILE = "experience.json"


@dataclass(frozen=True)
class Verdict:
    """How a message turned out: the probability of its likeliest entry, and the mistakes that it stands for."""

    confidence: float
    mistakes: float

    @classmethod
    def of_choice(cls, confidence: float, *, right: bool) -> Verdict:
        """The citizen chose the likeliest of the offered entries (``right``), another one, or none."""
        return cls(confidence, 0.0 if right else 1.0)

    @classmethod
    def of_answer(cls, confidence: float, *, complaint: bool) -> Verdict:
        """The message was answered, and somebody did or did not say that the answer was the wrong one."""
        return cls(confidence, 1 / COMPLAINTS if complaint else 0.0)


@dataclass(frozen=True)
class Experience:
    """What was seen of some messages: how many they were, the mistakes expected among them, and those found.

    ``least_ratio``: the ratio of mistakes that a person accepted after a sample of answers (bot/figures/sampling).
    """

    messages: int = 0
    expected: float = 0.0
    mistakes: float = 0.0
    least_ratio: float = 0.0

    @classmethod
    def of(cls, verdicts: Iterable[Verdict], least_ratio: float = 0.0) -> Experience:
        counted = [one for one in verdicts if one.confidence >= LEAST_CONFIDENCE]
        expected, mistakes = (1 - one.confidence for one in counted), (one.mistakes for one in counted)
        return cls(len(counted), fsum(expected), fsum(mistakes), least_ratio)

    @property
    def mistake_ratio(self) -> float:
        """Returns how many times as many mistakes as expected to reckon with.

        Above 1 it is the mean of what the experience makes likely; below 1 it is a bound that the true ratio is under
        with CERTAINTY. So the assistant becomes careful at once, but bolder only when enough was seen. It is never
        below what a person accepted.
        """
        shape, rate = PRIOR_MISTAKES + self.mistakes, PRIOR_MISTAKES + self.expected
        bound = _quantile(shape, CERTAINTY) / rate
        seen = max(shape / rate, 1.0) if bound >= 1 else max(bound, SMALLEST)
        return max(seen, self.least_ratio)


def _quantile(shape: float, probability: float) -> float:
    """Returns a quantile of the Gamma distribution with rate 1, by Wilson and Hilferty's approximation."""
    spread = 1 / (9 * shape)
    return shape * (1 - spread + NormalDist().inv_cdf(probability) * sqrt(spread)) ** 3


def read_experience(home: Path) -> Experience:
    """Reads the experience from the file in ``home``; without a file that can be read there is none."""
    try:
        data = json.loads((home / FILE).read_text(encoding="utf-8"))
        least = float(data.get("least_ratio", 0))
        return Experience(int(data["messages"]), float(data["expected"]), float(data["mistakes"]), least)
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return Experience()


def store_experience(experience: Experience, home: Path) -> None:
    """Replaces the file in ``home`` at once, unless it says the same already. Raises OSError."""
    if read_experience(home) == experience:
        return
    replace_file(home / FILE, json.dumps(asdict(experience)))
