"""Recognizes commands and small talk that Rasa misses, such as requests for a person, complaints or thanks.

A classifier is trained on the sentences of data/commands: examples of each command, and questions that only look like a
command.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.faq.ranking.classifier import Classifier
from bot.faq.ranking.coefficients import tuned
from bot.faq.scoring.matrix import FeatureMatrix


@dataclass(frozen=True)
class Command:
    """The likeliest command, an intent of domain.yml, and its score: about 0 for questions, about 1 for commands."""

    name: str
    score: float

    @property
    def sure(self) -> bool:
        """Returns whether the score is high enough to treat the message as this command."""
        numbers = tuned().commands
        return self.score >= numbers.sure_of.get(self.name, numbers.sure)


def command_in(message: FeatureMatrix, commands: Classifier) -> Command | None:
    """Returns the likeliest command in a message, given as a single row; None if the classifier is untrained."""
    return commands_in(message, commands)[0]


def commands_in(messages: FeatureMatrix, commands: Classifier) -> list[Command | None]:
    """Returns the likeliest command in each message; each is None if the classifier is untrained."""
    return [Command(found.kind, found.score) if found else None for found in commands.recognize_all(messages)]
