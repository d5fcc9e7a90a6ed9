"""Answers from the FAQ when a citizen asks, chooses an entry, or states the audience that an entry waits for.

A question has the intent ask_faq, ask_other or nlu_fallback; the other two cases are choose_entry and tell_audience.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import context_of
from actions.faq import Decision, Faq
from actions.faq_replies import FaqReplies
from actions.history import asked_about, offered
from actions.step import Domain, Events, Step, citizens_words
from actions.tracker import events_of, values
from actions.user_attributes import MAX_WORDS, newest
from actions.vote import commanded, goes_to_a_person, overrules_rasa, with_offer
from bot.core.payload import Payload
from bot.text.normalize import plain

Today = Callable[[], date]  # returns the current date in the agency's time zone


class AnswerFaq:
    """Answers the citizen's message from the FAQ; passes small talk and commands on to their steps.

    ``commands`` are the steps by the command's name. ``taught`` are the texts, normalized by ``plain``, that Rasa was
    taught as small talk.
    """

    name = "action_answer_faq"

    def __init__(
        self,
        faq: Faq,
        replies: FaqReplies,
        today: Today,
        *,
        small_talk: Step,
        commands: Mapping[str, Step],
        taught: frozenset[str] = frozenset(),
    ) -> None:
        self._faq, self._replies, self._today = faq, replies, today
        self._small_talk, self._commands, self._taught = small_talk, commands, taught

    async def surely(self, tracker: Tracker) -> tuple[Payload, ...]:
        """Returns the answer to a message that an entry surely answers; () for any other, which Rasa must see first.

        () also if the message may answer a question of ours, or may tell of a danger, or leads to a person, or is a
        command, or is small talk that Rasa was taught in these words.
        """
        events = events_of(tracker)
        if asked_about(events) or offered(events) or plain(citizens_words(tracker)) in self._taught:
            return ()
        today = self._today()
        decision = await self._decide(tracker, today)
        if decision.kind != "answer" or decision.danger or commanded(decision):
            return ()
        replies = self._replies_to(decision, today)
        return () if any(one.handoff for one in replies) else replies

    async def command(self, tracker: Tracker) -> str:
        """Returns the command that leads to a person, if the message surely is one; '' for any other message."""
        return goes_to_a_person(await self._decide(tracker, self._today()))

    async def overrules_rasa(self, tracker: Tracker) -> bool:
        """Returns whether to answer a message that Rasa takes for a command."""
        return overrules_rasa(await self._decide(tracker, self._today()))

    def _replies_to(self, decision: Decision, today: date) -> tuple[Payload, ...]:
        return with_offer(self._replies.for_decision(decision, today), decision, self._replies.agency)

    async def _decide(self, tracker: Tracker, today: date) -> Decision:
        context = context_of(tracker, self._replies.agency)
        return await asyncio.to_thread(self._faq.answerer.answer, citizens_words(tracker), today=today, context=context)

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        today, words = self._today(), citizens_words(tracker)
        decision = await self._decide(tracker, today)
        if step := self._commands.get(commanded(decision)):
            for notice in self._replies.notices(decision):
                dispatcher.utter_message(json_message=notice.to_data())
            return await step.run(dispatcher, tracker, domain)
        waiting = asked_about(events_of(tracker))
        if waiting and is_no_question(words, decision):
            context = context_of(tracker, self._replies.agency)
            chosen = self._faq.answerer.chosen(waiting.entry, today=today, context=context)
            replies = self._replies.for_chosen(chosen, today, waiting)
        elif decision.kind == "scope" and not decision.danger:
            return await self._small_talk.run(dispatcher, tracker, domain)
        else:
            replies = self._replies_to(decision, today)
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
        for reply in self._replies.for_chosen(decision, today, asked_about(events_of(tracker))):
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
        attribute = newest(events_of(tracker))
        return attribute.entry if attribute else ""


class UnlessTold:
    """A step that gives way to SetAudience if the message answers our question about the audience."""

    def __init__(self, step: Step, set_audience: SetAudience) -> None:
        self.name, self._step, self._set_audience = step.name, step, set_audience

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        step = self._set_audience if newest(events_of(tracker)) else self._step
        return await step.run(dispatcher, tracker, domain)


class UnlessAnswered:
    """A step for an intent of Rasa that gives way to the answer if the message only looks like the command."""

    def __init__(self, step: Step, answer_faq: AnswerFaq) -> None:
        self.name, self._step, self._answer_faq = step.name, step, answer_faq

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        typed = not citizens_words(tracker).startswith("/")  # a button is never doubted
        step = self._answer_faq if typed and await self._answer_faq.overrules_rasa(tracker) else self._step
        return await step.run(dispatcher, tracker, domain)
