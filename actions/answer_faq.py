"""Answers from the FAQ: a question (intents ask_faq, ask_other, nlu_fallback), a chosen entry (choose_entry), or the
entry that waited for the citizen to say who they are (tell_audience).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import context_of
from actions.faq import Faq
from actions.faq_replies import FaqReplies
from actions.history import asked_about, values
from actions.payload import Payload
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
    """Answers with the entry whose button was chosen, or asks what the answer depends on."""

    name = "action_choose_entry"

    def __init__(self, faq: Faq, replies: FaqReplies, today: Today) -> None:
        self._faq, self._replies, self._today = faq, replies, today

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        for reply in chosen(self._faq, self._replies, tracker, self._today()):
            dispatcher.utter_message(json_message=reply.to_message())
        return []


class TellAudience(ChooseEntry):
    """Answers the entry that waited for the citizen to say who they are, or that they rather do not say.

    The tracker remembers it for the rest of the session (history.told).
    """

    name = "action_tell_audience"


def chosen(faq: Faq, replies: FaqReplies, tracker: Tracker, today: date) -> tuple[Payload, ...]:
    """What is said to a button that names an entry."""
    id = values((tracker.latest_message or {}).get("entities")).get("entry", "")
    decision = faq.answerer.chosen(id, today=today, context=context_of(tracker, replies.agency))
    return replies.for_chosen(decision, today, asked_about(tracker.events))
