"""Asks the answerer for decisions and caches the newest ones.

Most messages that go to Rasa are decided twice: when the bot asks the action server first (``POST /answer``), and when
Rasa runs an action.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import date

from actions.faq import Answerer, Decision, Faq
from bot.faq.entries.context import Context

KEPT = 64

Question = tuple[str, date, str | None, frozenset[tuple[str, str]]]


class Decisions:
    """A cache of the newest KEPT decisions; it is emptied when the FAQ's answerer is replaced."""

    def __init__(self, faq: Faq) -> None:
        self._faq = faq
        self._answerer: Answerer | None = None
        self._kept: OrderedDict[Question, Decision] = OrderedDict()

    async def on(self, text: str, *, today: date, context: Context) -> Decision:
        """Returns the decision on a message. Takes 10-15 ms in a thread if the decision is not in the cache."""
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
