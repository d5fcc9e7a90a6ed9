"""Simulates how an agency's assistant learns from citizens who choose offered entries and complain about answers.

The messages arrive in random order. After each part of them, a simulated editor accepts every proposed utterance, the
FAQ is published again, and the thresholds are adjusted to the experience (bot/faq/answering/experience.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np
from rich.table import Table

from bot.core.texts import say
from bot.evaluation import metrics
from bot.evaluation.asking import Outcome, Setup, ask_all
from bot.evaluation.metrics import Rate
from bot.evaluation.queries import Query
from bot.evaluation.report import decimal, percent
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.experience import Experience, Verdict
from bot.faq.entries.entry import Entry
from bot.faq.ranking.calibration import Thresholds

Publish = Callable[[Sequence[Entry]], Answerer]


@dataclass(frozen=True)
class Habits:
    """The shares of simulated citizens who react to each kind of response."""

    choose: float = 0.8  # offered the right entry: they choose it
    reject: float = 0.5  # offered only others: they press «Ninguna de estas»
    complain: float = 0.3  # answered wrongly: they say that it was not what they asked


USUAL = Habits()


@dataclass(frozen=True)
class Part:
    """The outcomes of a part of the messages, and the state of the answerer that decided on them.

    ``utterances`` is the number of utterances learned before this part. ``mistake_ratio`` follows from the experience
    before this part.
    """

    outcomes: tuple[Outcome, ...]
    thresholds: Thresholds
    utterances: int
    mistake_ratio: float


def table(parts: Iterable[Part]) -> Table:
    """Returns a table for the terminal with a row per part, in order."""
    grid = Table(title=say("eval.aprende.titulo"), title_justify="left")
    for name in ("desde", "frases", "factor", "umbral", "bien", "bien_u_ofrecida", "correcto", "fuera"):
        grid.add_column(say(f"eval.aprende.{name}"), justify="right")
    first = 1
    for part in parts:
        rates = metrics.rates(part.outcomes)
        outside = Rate(
            np.array([one.answered for one in part.outcomes]), np.array([not one.inside for one in part.outcomes])
        )
        shares = (rates["right"], rates["right_or_offered"], rates["precision"], outside)
        grid.add_row(
            str(first),
            str(part.utterances),
            decimal(part.mistake_ratio, 2),
            decimal(part.thresholds.answer, 2),
            *(percent(one.value) for one in shares),
        )
        first += len(part.outcomes)
    return grid


class Simulation:
    """A simulation of an FAQ that learns from citizens; ``publish`` builds an answerer from entries."""

    def __init__(self, publish: Publish, entries: Sequence[Entry], setup: Setup, *, seed: int = 1) -> None:
        self._publish, self._setup, self._random = publish, setup, Random(seed)  # noqa: S311 - nothing secret
        self._entries, self._learnt = list(entries), 0
        self._verdicts: list[Verdict] = []

    @property
    def experience(self) -> Experience:
        """Returns the experience so far, from which the next answerer learns."""
        return Experience.of(self._verdicts)

    def parts(self, queries: Sequence[Query], *, size: int, habits: Habits = USUAL) -> Iterator[Part]:
        """Yields the results of the messages, sent in random order in parts of ``size``.

        Before each part, the FAQ is published again.
        """
        order = self._random.sample(list(queries), len(queries))
        for first in range(0, len(order), size):
            answerer = self._publish(self._entries)
            answerer.learn(self.experience)
            outcomes = tuple(ask_all(answerer, order[first : first + size], self._setup))
            yield Part(outcomes, answerer.thresholds, self._learnt, self.experience.mistake_ratio)
            for outcome in outcomes:
                self._see(outcome, habits)

    def _see(self, outcome: Outcome, habits: Habits) -> None:
        """Simulates the citizen's reaction to an outcome, and learns from the reaction."""
        reacts = self._random.random()
        if outcome.kind == "clarify" and outcome.offers_right and reacts < habits.choose:
            chosen = next(one for one in outcome.offered if one in outcome.query.wanted)
            self._verdicts.append(Verdict.of_choice(outcome.confidence, right=chosen == outcome.ranked[0]))
            self._teach(chosen, outcome.query.text)
        elif outcome.kind == "clarify" and not outcome.offers_right and reacts < habits.reject:
            self._verdicts.append(Verdict.of_choice(outcome.confidence, right=False))
        elif outcome.answered:
            complaint = not outcome.right and reacts < habits.complain
            self._verdicts.append(Verdict.of_answer(outcome.confidence, complaint=complaint))

    def _teach(self, id: str, text: str) -> None:
        for number, entry in enumerate(self._entries):
            if entry.id == id and text not in entry.utterances:
                self._entries[number] = replace(entry, variants=(*entry.variants, text))
                self._learnt += 1
                return
