"""Sends the messages of an evaluation to an answerer, and returns its decisions as outcomes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.conversation.dialogue import REMEMBERED_CHARACTERS
from bot.evaluation.queries import Query
from bot.faq.answering.context import NO_CONTEXT, Context
from bot.faq.answering.decision import Decision, Kind

WARM_UP_MESSAGES = 5


class Answers(Protocol):
    """The interface of an answerer under evaluation; ``bot.faq.answering.answerer.Answerer`` implements it."""

    def answer(self, text: str, *, today: date, context: Context = NO_CONTEXT) -> Decision: ...


@dataclass(frozen=True)
class Setup:
    """The settings of an evaluation: the date that counts as today, and the maximum number of choices offered."""

    today: date
    choices: int


@dataclass(frozen=True)
class Outcome:
    """The decision on a message; entries are identified by their ids.

    ``ranked`` are the candidates, best first; ``confidence`` is the probability of the best one, 0 if there are none.
    ``answers`` are the entries sent as an answer: two for a message with two questions, one if the answer consists of
    several variants of an entry. ``offered`` are the choices. ``milliseconds`` is the time that the answerer took.
    """

    query: Query
    kind: Kind
    ranked: tuple[str, ...] = ()
    confidence: float = 0.0
    answers: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    milliseconds: float = 0.0

    @property
    def inside(self) -> bool:
        """Returns whether the message is in scope, that is, whether an entry answers it."""
        return bool(self.query.wanted)

    @property
    def answered(self) -> bool:
        return self.kind == "answer"

    @property
    def right(self) -> bool:
        """Returns whether the message was answered, and only with entries that are right for it."""
        return bool(self.answers) and self.query.wanted.issuperset(self.answers)

    @property
    def best_right(self) -> bool:
        """Returns whether the best candidate is a right entry, whatever the decision was."""
        return self.found_within(1)

    @property
    def offers_right(self) -> bool:
        """Returns whether a right entry is among the offered choices."""
        return not self.query.wanted.isdisjoint(self.offered)

    def found_within(self, count: int) -> bool:
        """Returns whether a right entry is among the best ``count`` candidates."""
        return not self.query.wanted.isdisjoint(self.ranked[:count])


def ask_all(answers: Answers, queries: Sequence[Query], setup: Setup) -> Iterator[Outcome]:
    """Returns an iterator over the outcomes of all messages, in order; warms the answerer up first."""
    for query in queries[:WARM_UP_MESSAGES]:
        answers.answer(query.text, today=setup.today)
    return (ask(answers, query, setup) for query in queries)


def ask(answers: Answers, query: Query, setup: Setup) -> Outcome:
    """Sends the turns of a query in order, each in the context of earlier answers; returns the last turn's outcome."""
    context = NO_CONTEXT
    for text in query.turns[:-1]:
        context = _after(text, answers.answer(text, today=setup.today, context=context), context)
    began = time.perf_counter()
    decision = answers.answer(query.text, today=setup.today, context=context)
    milliseconds = (time.perf_counter() - began) * 1000
    ranked = tuple(candidate.entry for candidate in decision.candidates)
    return Outcome(
        query=query,
        kind=decision.kind,
        ranked=ranked,
        confidence=decision.candidates[0].confidence if decision.candidates else 0.0,
        answers=_answered(decision),
        offered=ranked[: setup.choices] if decision.kind == "clarify" else (),
        milliseconds=milliseconds,
    )


def _answered(decision: Decision) -> tuple[str, ...]:
    entries = decision.answers if decision.kind == "answer" else ()
    return tuple(dict.fromkeys(entry.id for entry in entries))


def _after(text: str, decision: Decision, context: Context) -> Context:
    """Returns the next turn's context, as bot/conversation/dialogue.py and actions/history.py build it.

    It contains the entry last sent and the first message that this entry answered; after a handoff it is empty.
    """
    if decision.kind == "handoff":
        return NO_CONTEXT
    answered = _answered(decision)
    if not answered or answered[-1] == context.previous:
        return context
    return Context(previous=answered[-1], question=text[:REMEMBERED_CHARACTERS])
