"""Estimates the mistake ratio: how many mistakes the assistant makes for each mistake that its probabilities predict.

Mistakes become known when citizens choose another of the offered entries, say that an answer was not what they asked,
or get another entry from an agent. The number of mistakes is modeled as Poisson, with mean ``ratio`` times the expected
number, and the ratio as Gamma. The update is therefore conjugate: prior and observed numbers are added.
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
CERTAINTY = 0.8  # required probability of fewer mistakes than expected before the thresholds are lowered
SMALLEST = 0.25  # lower limit of the ratio
# Messages whose likeliest entry had a lower probability do not count: the thresholds do not affect them.
LEAST_CONFIDENCE = 0.5
COMPLAINTS = 1 / 3  # share of wrong answers that somebody reports
FILE = "experience.json"


@dataclass(frozen=True)
class Verdict:
    """The outcome of one message: its likeliest entry's probability, and the mistakes that it counts as (0 to 1)."""

    confidence: float
    mistakes: float

    @classmethod
    def of_choice(cls, confidence: float, *, right: bool) -> Verdict:
        """Returns the verdict on an offer or a handoff; ``right`` if citizen or agent chose the likeliest entry."""
        return cls(confidence, 0.0 if right else 1.0)

    @classmethod
    def of_answer(cls, confidence: float, *, complaint: bool) -> Verdict:
        """Returns the verdict on an answer; ``complaint`` if somebody said that the answer was wrong."""
        return cls(confidence, 1 / COMPLAINTS if complaint else 0.0)


@dataclass(frozen=True)
class Experience:
    """The number of observed messages, how many mistakes were expected among them, and how many were found.

    ``least_ratio`` is the lower limit of ``mistake_ratio`` that a person accepted after a sample of answers
    (bot/figures/sampling).
    """

    messages: int = 0
    expected: float = 0.0
    mistakes: float = 0.0
    least_ratio: float = 0.0

    @classmethod
    def of(cls, verdicts: Iterable[Verdict], least_ratio: float = 0.0) -> Experience:
        """Sums up the verdicts whose confidence is at least LEAST_CONFIDENCE; keeps ``least_ratio`` as it is."""
        counted = [one for one in verdicts if one.confidence >= LEAST_CONFIDENCE]
        expected, mistakes = (1 - one.confidence for one in counted), (one.mistakes for one in counted)
        return cls(len(counted), fsum(expected), fsum(mistakes), least_ratio)

    @property
    def mistake_ratio(self) -> float:
        """Returns the ratio of actual to expected mistakes that the thresholds should assume.

        This is the posterior quantile at CERTAINTY if that is below 1 (but at least SMALLEST), else the posterior mean
        (but at least 1). So the assistant becomes careful immediately, but bolder only with enough evidence. The result
        is never below ``least_ratio``.
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
    """Reads the experience from the file in ``home``; returns an empty one if the file is missing or unreadable."""
    try:
        data = json.loads((home / FILE).read_text(encoding="utf-8"))
        least = float(data.get("least_ratio", 0))
        return Experience(int(data["messages"]), float(data["expected"]), float(data["mistakes"]), least)
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return Experience()


def store_experience(experience: Experience, home: Path) -> None:
    """Writes the experience to the file in ``home`` atomically, unless the file already contains it. Raises OSError."""
    if read_experience(home) == experience:
        return
    replace_file(home / FILE, json.dumps(asdict(experience)))
