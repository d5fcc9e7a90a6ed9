"""Recognizes messages that may describe a danger without using an emergency phrase of bot/crisis.

A classifier is trained on the sentences of data/danger: dangers of each kind, and harmless sentences that sound
similar.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.faq.ranking.classifier import Classifier
from bot.faq.ranking.coefficients import ClearLimits, RiskLimits, tuned
from bot.faq.scoring.matrix import FeatureMatrix


@dataclass(frozen=True)
class Danger:
    """The likeliest kind of danger in a message.

    ``score`` is that of a danger of any kind, ``of_kind`` that of this kind: about 0 for ordinary messages, about 1 for
    dangers. Either score is enough for a danger, since messages about suicide often resemble no other kind of danger. A
    ``is_cry`` is true for a cry for help that says nothing else («auxilio»).
    """

    kind: str
    score: float
    of_kind: float = 0.0
    is_cry: bool = False

    @property
    def sure(self) -> bool:
        """Returns whether the danger is confirmed, so that the message is treated as if it had an emergency phrase.

        A high score for any kind is not enough if no kind is likely: «a mi guagua le están saliendo los dientes y no
        duerme nadie» has a bit of each.
        """
        return self._clearly_reaches(tuned().risk.sure)

    def possible(self, *, despite_answer: bool) -> bool:
        """Returns whether to show the emergency number; ``despite_answer`` is True if an entry answers the message."""
        numbers = tuned().risk
        return self._reaches(numbers.possible_despite_answer if despite_answer else numbers.possible)

    @property
    def possible_in_part(self) -> bool:
        """Returns whether this danger, of a part of a message, makes the message a possible danger."""
        return self._clearly_reaches(tuned().risk.possible_in_part)

    def doubts(self, phrase: str) -> bool:
        """Returns whether the scores are too low for an emergency phrase of the kind ``phrase`` to count as sure."""
        least = tuned().risk.doubtful
        return self.score < least.any_kind and self.of_kind < least.of(phrase)

    def doubted(self) -> Danger:
        """Returns this danger with its scores limited to the minimum of a danger that is possible despite an answer.

        It is then only possible, since these minima are lower than those of a sure danger.
        """
        most = tuned().risk.possible_despite_answer
        return replace(self, score=min(self.score, most.any_kind), of_kind=min(self.of_kind, most.of(self.kind)))

    def _reaches(self, least: RiskLimits) -> bool:
        return self.score >= least.any_kind or self.of_kind >= least.of(self.kind)

    def _clearly_reaches(self, least: ClearLimits) -> bool:
        is_of_a_kind = self.of_kind >= least.of(self.kind)
        return is_of_a_kind or (self.score >= least.any_kind and self.of_kind >= least.beside)


def possible_danger(kind: str, *, is_cry: bool = False) -> Danger:
    """Returns a danger of this kind that is possible but not confirmed, whether or not an entry answers."""
    least = tuned().risk.possible_despite_answer
    return Danger(kind, least.any_kind, is_cry=is_cry)


def sure_danger(kind: str) -> Danger:
    """Returns a confirmed danger of this kind."""
    return Danger(kind, 1.0, 1.0)


def danger_in(message: FeatureMatrix, dangers: Classifier) -> Danger | None:
    """Returns the likeliest danger in a message, given as a single row; None if the classifier is untrained."""
    return dangers_in(message, dangers)[0]


def dangers_in(messages: FeatureMatrix, dangers: Classifier) -> list[Danger | None]:
    """Returns the likeliest danger in each message; each is None if the classifier is untrained."""
    judged = dangers.recognize_all(messages)
    return [Danger(found.kind, found.any_kind, found.score) if found else None for found in judged]
