"""Measures how well commands are recognized: ``python -m benchmarks.commands [--test folder]``.

For each author of data/commands, learns from the other authors and classifies this author's sentences; with ``--test``,
it learns from all authors and classifies the sentences of the folder. Prints, for each command, the share of its
sentences that are classified as this command; for look-alikes, and for the ordinary messages in ``benchmarks``, the
share classified as any command. The columns are the classifier alone; its vote with the entries; and that vote with
Rasa's intent, if a model of ``ventanilla train`` exists. «A person» is the share that is handed off, for whatever
reason, or whose answer has a button for a person. Intervals are 95 % Wilson intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from actions.vote import OFFERED, commanded, entry_answers, goes_to_a_person, overrules_rasa
from benchmarks.learnt import left_out, ordinary, shown, started
from benchmarks.small_talk import Message, intents
from bot.agency.model import load_agency
from bot.core.settings import load_settings
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.decision import Decision
from bot.faq.entries.folder import load_folder
from bot.faq.ranking.classifier import Classifier, learn
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.commands import Command, command_in
from bot.faq.ranking.sentences import COMMANDS, LOOK_ALIKES, Sentence, load_sentences
from bot.faq.ranking.vectorizer import Vectorizer
from bot.rasa.training import TrainingPaths, current_model

COLUMNS = ("classifier", "vote", "vote with Rasa", "a person")
NAMES = {path.stem for path in COMMANDS.glob("*.txt")} - LOOK_ALIKES
TO_A_PERSON = {"ask_human", "complaint", "feedback_bad"}


@dataclass(frozen=True)
class Asked:
    """A message, the classifier's judgment, the answerer's decision, and Rasa's intent ('' if Rasa was not asked)."""

    text: str
    command: Command | None
    decision: Decision
    intent: str = ""

    def taken_for(self) -> tuple[str, str, str]:
        """Returns the message's command according to each of the first three columns, '' where it is no command."""
        sure = self.command.name if self.command and self.command.sure else ""
        voted = commanded(self.decision, self.text)
        by_rasa = self.intent if self.intent in NAMES and not overrules_rasa(self.decision, self.text) else ""
        return sure, voted, goes_to_a_person(self.decision, self.text) or by_rasa or voted

    @property
    def gets_a_person(self) -> bool:
        name = self.decision.command.name if self.decision.command else ""
        offered = entry_answers(self.decision, self.text) and name in OFFERED
        taken = self.taken_for()[-1]
        return offered or (taken in TO_A_PERSON if taken else self.decision.kind == "handoff")


class Commands:
    """Trains classifiers of commands; ``ask`` returns a classifier's judgment of a message and the FAQ's decision."""

    def __init__(self, space: Vectorizer) -> None:
        settings = load_settings()
        agency = load_agency(settings.agency_file)
        self._space = space
        self._answerer = Answerer(load_folder(settings.faq_dir, agency.teams).entries, space, agency)

    def learn(self, sentences: Sequence[Sentence]) -> Classifier:
        rows = self._space.rows(tuple(one.text for one in sentences))
        return learn(rows, [one.kind for one in sentences], self._space.questions, tuned().commands).classifier()

    def ask(self, text: str, learnt: Classifier) -> Asked:
        self._space.commands = learnt
        return Asked(
            text, command_in(self._space.rows((text,)), learnt), self._answerer.answer(text, today=date.today())
        )


def with_intents(asked: Sequence[Asked]) -> list[Asked]:
    """Returns the messages with Rasa's intents; returns them unchanged if there is no model."""
    settings = load_settings()
    paths = TrainingPaths(settings.project_root, settings.project_root / ".venv-rasa", settings.home)
    model = current_model(paths)
    if model is None:
        return list(asked)
    found = intents(model, [Message("", one.text) for one in asked], paths.rasa)
    return [replace(one, intent=intent) for one, intent in zip(asked, found, strict=True)]


def row(name: str, asked: Sequence[Asked], command: str = "") -> str:
    """Returns a table row with the share of messages that each column classifies as ``command`` ('': as any command).

    The last cell is the share of messages that reach a person.
    """
    taken = np.array([one.taken_for() for one in asked])
    hits = taken == command if command else taken != ""
    person = np.array([one.gets_a_person for one in asked])
    cells = [*(shown(column) for column in hits.T), shown(person)]
    return f"| {name} | {len(asked)} | {' | '.join(cells)} |"


def print_by_kind(sentences: Sequence[Sentence], asked: Sequence[Asked]) -> None:
    print(f"| | sentences | {' | '.join(COLUMNS)} |\n|---|---|{'---|' * len(COLUMNS)}")  # noqa: T201
    for kind in sorted({one.kind for one in sentences}, key=lambda kind: (not kind, kind)):
        of_kind = [one for one, sentence in zip(asked, sentences, strict=True) if sentence.kind == kind]
        print(row(kind or "look-alikes", of_kind, kind))  # noqa: T201


def print_ordinary(commands: Commands, learnt: Classifier) -> None:
    names, texts = zip(*ordinary(), strict=True)
    asked = with_intents([commands.ask(text, learnt) for text in texts])
    for name in dict.fromkeys(names):
        print(row(f"ordinary: {name}", [one for one, of in zip(asked, names, strict=True) if of == name]))  # noqa: T201


def main() -> None:
    space, test = started(__doc__)
    commands, sentences = Commands(space), load_sentences(COMMANDS)
    if test is None:
        print_by_kind(sentences, with_intents(left_out(sentences, commands.learn, commands.ask)))
    learnt = commands.learn(sentences)
    if test is not None:
        unseen = load_sentences(test)
        print_by_kind(unseen, with_intents([commands.ask(one.text, learnt) for one in unseen]))
    print_ordinary(commands, learnt)


if __name__ == "__main__":
    main()
