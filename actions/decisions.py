"""Asks the answerer, and keeps its newest decisions, since a message for Rasa comes twice: before Rasa and from it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import date

from actions.faq import Answerer, Decision, Faq
from bot.faq.entries.context import Context

KEPT = 64

Question = tuple[str, date, str | None, frozenset[tuple[str, str]]]


class Decisions:
    """The decisions of the live FAQ; those of an answerer that was replaced are dropped."""

    def __init__(self, faq: Faq) -> None:
        self._faq = faq
        self._answerer: Answerer | None = None
        self._kept: OrderedDict[Question, Decision] = OrderedDict()

    async def on(self, text: str, *, today: date, context: Context) -> Decision:
        """Returns the decision on a message; takes 10-15 ms in a thread, unless it was asked just before."""
        answerer = self._faq.answerer
        if answerer is not self._answerer:
            self._answerer, self._kept = answerer, OrderedDict()
        question = (text, today, context.previous, frozenset(context.audience.items()))
        if question not in self._kept:
            decision = await asyncio.to_thread(answerer.answer, text, today=today, context=context)
            if answerer is not self._answerer:  # replaced meanwhile
                return decision
            self._kept[question] = decision
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[question]
