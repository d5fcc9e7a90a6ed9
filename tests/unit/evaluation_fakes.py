"""Provides a scripted answerer, and outcomes for the tests of the metrics."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.core.messages import Candidate
from bot.evaluation.asking import Outcome
from bot.evaluation.queries import Query
from bot.faq.answering.context import NO_CONTEXT, Context
from bot.faq.answering.decision import Decision, Kind
from bot.faq.ranking.calibration import Thresholds

THRESHOLDS = Thresholds(answer=0.7, offer=0.3)


class Scripted:
    """An answerer that decides each text by the script and records each text with the previous entry."""

    thresholds = THRESHOLDS

    def __init__(self, script: Mapping[str, Decision]) -> None:
        self.script = script
        self.asked: list[tuple[str, str | None]] = []

    def answer(self, text: str, *, today: date, context: Context = NO_CONTEXT) -> Decision:
        self.asked.append((text, context.previous))
        return self.script.get(text, Decision("handoff"))


def candidates(**chances: float) -> tuple[Candidate, ...]:
    """Builds candidates from their probabilities by id, given best first."""
    return tuple(Candidate(id, f"¿{id}?", chance) for id, chance in chances.items())


def outcome(faq: str | None, kind: Kind, confidence: float, *ranked: str, group: str = "in", **more: Any) -> Outcome:
    """Builds the outcome of a message, with the first of ``ranked`` as the answer or the first two as the offer."""
    query = Query((f"{faq} {confidence}",), faq, group, more.pop("also", None))
    given = {"answer": {"answers": ranked[:1]}, "clarify": {"offered": ranked[:2]}}.get(kind, {})
    return Outcome(query, kind, ranked, confidence, **{**given, **more})
