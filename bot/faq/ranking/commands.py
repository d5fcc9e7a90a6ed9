"""Recognizes commands and small talk in words that Rasa's intents miss: asking for a person, complaining, thanking.

A classifier learns the sentences of data/commands: those of each command, and questions that only look like one.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.faq.ranking.classifier import Classifier
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.matrix import FeatureMatrix


@dataclass(frozen=True)
class Command:
    """The likeliest command, an intent of domain.yml, and its score: about 0 for questions, about 1 for commands."""

    name: str
    score: float

    @property
    def sure(self) -> bool:
        """Returns whether the message is this command."""
        numbers = tuned().commands
        return self.score >= numbers.sure_of.get(self.name, numbers.sure)


def command_in(message: FeatureMatrix, commands: Classifier) -> Command | None:
    """Judges a message, given as a single row; None if no command was learnt."""
    found = commands.recognize(message)
    return Command(found.kind, found.score) if found else None
