"""Answers from the FAQ when a citizen asks, chooses an entry, or states the audience that an entry waits for.

A question has the intent ask_faq, ask_other or nlu_fallback; the other two cases are choose_entry and tell_audience.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import context_of
from actions.faq import Decision, Faq
from actions.faq_replies import FaqReplies
from actions.history import asked_about
from actions.step import Domain, Events, Step, citizens_words
from actions.tracker import read_events, values
from actions.user_attributes import MAX_WORDS, newest

Today = Callable[[], date]  # returns the current date in the agency's time zone


class AnswerFaq:
    """Answers the citizen's message from the FAQ; passes small talk on to the step ``small_talk``."""

    name = "action_answer_faq"

    def __init__(self, faq: Faq, replies: FaqReplies, today: Today, *, small_talk: Step) -> None:
        self._faq, self._replies, self._today, self._small_talk = faq, replies, today, small_talk

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        today, context = self._today(), context_of(tracker, self._replies.agency)
        words = citizens_words(tracker)
        decision = await asyncio.to_thread(self._faq.answerer.answer, words, today=today, context=context)
        waiting = asked_about(read_events(tracker.events))
        if waiting and is_no_question(words, decision):
            chosen = self._faq.answerer.chosen(waiting.entry, today=today, context=context)
            replies = self._replies.for_chosen(chosen, today, waiting)
        elif decision.kind == "scope" and not decision.danger:
            return await self._small_talk.run(dispatcher, tracker, domain)
        else:
            replies = self._replies.for_decision(decision, today)
        for reply in replies:
            dispatcher.utter_message(json_message=reply.to_data())
        return []


def is_no_question(words: str, decision: Decision) -> bool:
    """Returns whether a message is short and the FAQ cannot place it, so that it may answer our own question."""
    known = decision.entry or decision.danger or decision.kind not in ("scope", "handoff")
    return len(words.split()) <= MAX_WORDS and not known


class ChooseEntry:
    """Answers with the entry of the pressed button; first asks for the audience if the answer depends on it."""

    name = "action_choose_entry"

    def __init__(self, faq: Faq, replies: FaqReplies, today: Today) -> None:
        self._faq, self._replies, self._today = faq, replies, today

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        today, context = self._today(), context_of(tracker, self._replies.agency)
        decision = self._faq.answerer.chosen(self._entry(tracker), today=today, context=context)
        for reply in self._replies.for_chosen(decision, today, asked_about(read_events(tracker.events))):
            dispatcher.utter_message(json_message=reply.to_data())
        return []

    def _entry(self, tracker: Tracker) -> str:
        return values((tracker.latest_message or {}).get("entities")).get("entry", "")


class SetAudience(ChooseEntry):
    """Answers with the entry that waited for the citizen's audience, even if the citizen declined to say.

    The tracker keeps the value for the rest of the session (user_attributes.known).
    """

    name = "action_tell_audience"

    def _entry(self, tracker: Tracker) -> str:
        attribute = newest(read_events(tracker.events))
        return attribute.entry if attribute else ""


class UnlessTold:
    """A step that gives way to SetAudience if the message answers our question about the audience."""

    def __init__(self, step: Step, set_audience: SetAudience) -> None:
        self.name, self._step, self._set_audience = step.name, step, set_audience

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        step = self._set_audience if newest(read_events(tracker.events)) else self._step
        return await step.run(dispatcher, tracker, domain)
