"""Asks an answerer every message and keeps what it did: the step between ``queries`` and ``metrics``.

Called by ``ventanilla eval`` and benchmarks/answering.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.evaluation.queries import Query
from bot.faq.answering.answerer import Decision, Kind
from bot.faq.entries.context import NO_CONTEXT, Context

WARM_UP_MESSAGES = 5


class Answers(Protocol):
    """What can be evaluated; ``bot.faq.answering.answerer.Answerer`` is one."""

    def answer(self, text: str, *, today: date, context: Context = NO_CONTEXT) -> Decision: ...


@dataclass(frozen=True)
class Setup:
    """The day that counts as today, and how many choices the agency offers at most."""

    today: date
    choices: int


@dataclass(frozen=True)
class Outcome:
    """What was done with a message: the kind of decision, the ids of the candidates best first, P of the best (0 if
    there is none), the ids answered (two when it answered both questions), the ids offered, and the milliseconds.
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
        """Whether some entry answers the message."""
        return bool(self.query.wanted)

    @property
    def answered(self) -> bool:
        return self.kind == "answer"

    @property
    def right(self) -> bool:
        """Answered, and with nothing but what the message asks for."""
        return bool(self.answers) and self.query.wanted.issuperset(self.answers)

    @property
    def best_right(self) -> bool:
        """Whether the best candidate is a right entry, whatever was done."""
        return self.found_within(1)

    @property
    def offers_right(self) -> bool:
        """Whether a right entry is among the offered choices."""
        return not self.query.wanted.isdisjoint(self.offered)

    def found_within(self, count: int) -> bool:
        """Whether a right entry is among the best ``count`` candidates."""
        return not self.query.wanted.isdisjoint(self.ranked[:count])


def ask_all(answers: Answers, queries: Sequence[Query], setup: Setup) -> Iterator[Outcome]:
    """Asks every message once, in order, after a warm-up that does not count."""
    for query in queries[:WARM_UP_MESSAGES]:
        answers.answer(query.text, today=setup.today)
    return (ask(answers, query, setup) for query in queries)


def ask(answers: Answers, query: Query, setup: Setup) -> Outcome:
    """Says the message's turns in order, each knowing what was answered before; the last one is kept."""
    context = NO_CONTEXT
    for text in query.turns[:-1]:
        context = _after(answers.answer(text, today=setup.today, context=context), context)
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
    entries = (decision.entry, decision.also) if decision.kind == "answer" else ()
    return tuple(entry.id for entry in entries if entry is not None)


def _after(decision: Decision, context: Context) -> Context:
    """What is remembered, as actions/history.py does: the entry answered last; nothing once a person was asked for."""
    if decision.kind == "handoff":
        return NO_CONTEXT
    answered = _answered(decision)
    return Context(previous=answered[-1]) if answered else context
