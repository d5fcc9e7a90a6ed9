"""Answers from the FAQ: a question (intents ask_faq, ask_other, nlu_fallback) or a chosen entry (choose_entry)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import context_of
from actions.faq import Faq
from actions.faq_replies import FaqReplies
from actions.step import Domain, Events, Step, citizens_words

Today = Callable[[], date]
"""The current day where the agency is."""


class AnswerFaq:
    """Finds the answer to what the citizen wrote; everyday talk is left to ``small_talk``."""

    name = "action_answer_faq"

    def __init__(self, faq: Faq, replies: FaqReplies, today: Today, *, small_talk: Step) -> None:
        self._faq, self._replies, self._today, self._small_talk = faq, replies, today, small_talk

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        today, context = self._today(), context_of(tracker, self._replies.agency)
        words = citizens_words(tracker)
        decision = await asyncio.to_thread(self._faq.answerer.answer, words, today=today, context=context)
        if decision.kind == "scope":
            return await self._small_talk.run(dispatcher, tracker, domain)
        for reply in self._replies.for_decision(decision, today):
            dispatcher.utter_message(json_message=reply.to_message())
        return []


class ChooseEntry:
    """Answers with the entry whose button was chosen."""

    name = "action_choose_entry"

    def __init__(self, faq: Faq, replies: FaqReplies, today: Today) -> None:
        self._faq, self._replies, self._today = faq, replies, today

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        entry = self._faq.answerer.entry(chosen_id(tracker))
        reply = self._replies.answer(entry, self._today()) if entry else self._replies.gone()
        dispatcher.utter_message(json_message=reply.to_message())
        return []


def chosen_id(tracker: Tracker) -> str:
    """The value of the entity ``entry`` of the newest message, empty when there is none."""
    entities: list[dict[str, Any]] = (tracker.latest_message or {}).get("entities") or []
    return next((str(entity.get("value")) for entity in entities if entity.get("entity") == "entry"), "")
