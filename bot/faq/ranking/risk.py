"""Recognizes messages that may describe a danger without using an emergency phrase of bot/crisis.

A classifier is trained on the sentences of data/danger: dangers of each kind, and harmless sentences that sound
similar.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.faq.ranking.classifier import Classifier
from bot.faq.ranking.coefficients import tuned
from bot.faq.scoring.matrix import FeatureMatrix


@dataclass(frozen=True)
class Danger:
    """The likeliest kind of danger in a message, and a score: about 0 for ordinary messages, about 1 for dangers."""

    kind: str
    score: float

    @property
    def sure(self) -> bool:
        """Returns whether the danger is confirmed, so that the message is treated as if it had an emergency phrase."""
        return self.score >= tuned().risk.sure

    def possible(self, *, despite_answer: bool) -> bool:
        """Returns whether to show the emergency number; ``despite_answer`` is True if an entry answers the message."""
        numbers = tuned().risk
        possible = numbers.possible_of.get(self.kind, numbers.possible)
        return self.score >= (numbers.possible_despite_answer if despite_answer else possible)

    def doubted(self) -> Danger:
        """Returns this danger with its score limited, so that it is at most possible, not confirmed."""
        return replace(self, score=min(self.score, tuned().risk.possible_despite_answer))


def danger_in(message: FeatureMatrix, dangers: Classifier) -> Danger | None:
    """Returns the likeliest danger in a message, given as a single row; None if the classifier is untrained."""
    return dangers_in(message, dangers)[0]


def dangers_in(messages: FeatureMatrix, dangers: Classifier) -> list[Danger | None]:
    """Returns the likeliest danger in each message; each is None if the classifier is untrained."""
    return [Danger(found.kind, found.any_kind) if found else None for found in dangers.recognize_all(messages)]
