"""Answers from the FAQ when the citizen asks a question, chooses an entry, or says which audience they belong to.

The intent of a question is ask_faq, ask_other or nlu_fallback. The intent of a choice is choose_entry, and that of a
statement about the audience is tell_audience.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.commands import not_known
from actions.context import context_of, folds
from actions.faq import Decision, Faq
from actions.faq_replies import WHOLE, Asked, FaqReplies, unfolded
from actions.history import asked_about, offered, previous_entry
from actions.step import Domain, Events, Step, citizens_words
from actions.tracker import events_of, values
from actions.user_attributes import MAX_WORDS, newest
from actions.vote import DOUBTED_NEAR, commanded, goes_to_a_person, is_near, overrules_rasa, with_offer
from bot.core.payload import Payload
from bot.handoff.matter import asks_for_somebody
from bot.text.phrases import Phrases

NO_SMALL_TALK = Phrases(())
Today = Callable[[], date]  # returns the current date in the agency's time zone


class AnswerFaq:
    """Answers a message from the FAQ, or runs the step for small talk or for a command instead.

    ``commands`` maps the name of each command to its step; ``out_of_scope`` is the step for chitchat.
    """

    name = "action_answer_faq"

    def __init__(
        self,
        faq: Faq,
        replies: FaqReplies,
        today: Today,
        *,
        out_of_scope: Step,
        commands: Mapping[str, Step],
        small_talk: Phrases = NO_SMALL_TALK,
    ) -> None:
        self._faq, self._replies, self._today = faq, replies, today
        self._out_of_scope, self._commands, self._small_talk = out_of_scope, commands, small_talk
        self._not_known = not_known(replies.agency)

    async def surely(self, tracker: Tracker) -> tuple[Payload, ...]:
        """Returns the replies to a message that an entry answers with enough confidence.

        Returns () if the message must go to Rasa.

        A message must go to Rasa if no entry is confident enough, if it may answer a question of the assistant or
        describe a danger, if it is a command or leads to a handoff, or if it is only small talk.
        """
        events = events_of(tracker)
        if asked_about(events) or offered(events) or self._small_talk.are_all_of(citizens_words(tracker)):
            return ()
        today = self._today()
        decision = await self._decide(tracker, today)
        words = citizens_words(tracker)
        if decision.kind != "answer" or decision.danger or commanded(decision, words) or asks_for_somebody(words):
            return ()
        replies = self._replies_to(decision, today, tracker)
        return () if any(one.handoff for one in replies) else replies

    async def command(self, tracker: Tracker) -> str:
        """Returns the command that the message is recognized as, if that command leads to a person.

        Returns '' for any other message.
        """
        return goes_to_a_person(await self._decide(tracker, self._today()), citizens_words(tracker))

    async def overrules_rasa(self, tracker: Tracker, *, if_near: bool = False) -> bool:
        """Returns whether the answerer decides on the message although Rasa classifies it as a command or small talk.

        With ``if_near``, it also decides on a message near the agency's subjects, if it is neither a command nor
        small talk.
        """
        decision, words = await self._decide(tracker, self._today()), citizens_words(tracker)
        near = if_near and decision.command is None and is_near(decision) and not self._small_talk.are_all_of(words)
        return near or overrules_rasa(decision, words)

    def _replies_to(self, decision: Decision, today: date, tracker: Tracker) -> tuple[Payload, ...]:
        asked = Asked(citizens_words(tracker), previous_entry(events_of(tracker)), folds=folds(tracker))
        replies = self._replies.for_decision(decision, today, asked)
        return with_offer(replies, decision, self._replies.agency, asked.words)

    async def _decide(self, tracker: Tracker, today: date) -> Decision:
        context = context_of(tracker, self._replies.agency)
        return await asyncio.to_thread(self._faq.answerer.answer, citizens_words(tracker), today=today, context=context)

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        today, words = self._today(), citizens_words(tracker)
        decision = await self._decide(tracker, today)
        if step := self._commands.get(commanded(decision, words)):
            for notice in self._replies.notices(decision):
                dispatcher.utter_message(json_message=notice.to_data())
            return await step.run(dispatcher, tracker, domain)
        waiting = asked_about(events_of(tracker))
        if waiting and is_no_question(words, decision):
            context = context_of(tracker, self._replies.agency)
            chosen = self._faq.answerer.chosen(waiting.entry, today=today, context=context)
            replies = self._replies.for_chosen(chosen, today, waiting)
        elif not decision.danger and (decision.kind == "scope" or self._small_talk.are_all_of(words)):
            near = is_near(decision) and not self._small_talk.are_all_of(words)
            return await (self._not_known if near else self._out_of_scope).run(dispatcher, tracker, domain)
        else:
            replies = self._replies_to(decision, today, tracker)
        for reply in replies:
            dispatcher.utter_message(json_message=reply.to_data())
        return []


def is_no_question(words: str, decision: Decision) -> bool:
    """Returns whether the message may be an answer to a question of the assistant.

    It may be one if it is short and the answerer recognizes nothing in it to which it can respond.
    """
    known = decision.entry or decision.danger or decision.kind not in ("scope", "handoff")
    return len(words.split()) <= MAX_WORDS and not known


class ChooseEntry:
    """Answers with the entry of the pressed button, or asks for the audience if the answer depends on it."""

    name = "action_choose_entry"

    def __init__(self, faq: Faq, replies: FaqReplies, today: Today) -> None:
        self._faq, self._replies, self._today = faq, replies, today

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        today, context = self._today(), context_of(tracker, self._replies.agency)
        decision = self._faq.answerer.chosen(self._entry(tracker), today=today, context=context)
        replies = self._replies.for_chosen(decision, today, asked_about(events_of(tracker)))
        for reply in map(unfolded, replies) if WHOLE in _values(tracker) else replies:
            dispatcher.utter_message(json_message=reply.to_data())
        return []

    def _entry(self, tracker: Tracker) -> str:
        return _values(tracker).get("entry", "")


def _values(tracker: Tracker) -> dict[str, str]:
    return values((tracker.latest_message or {}).get("entities"))


class SetAudience(ChooseEntry):
    """Answers with the entry that depends on the citizen's audience, after the assistant asked about the audience.

    Answers even if the citizen declined to tell. The audience is remembered until the session ends
    (user_attributes.known).
    """

    name = "action_tell_audience"

    def _entry(self, tracker: Tracker) -> str:
        attribute = newest(events_of(tracker))
        return attribute.entry if attribute else ""


class UnlessTold:
    """Runs ``set_audience`` if the message answers the question about the audience, otherwise ``step``."""

    def __init__(self, step: Step, set_audience: SetAudience) -> None:
        self.name, self._step, self._set_audience = step.name, step, set_audience

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        step = self._set_audience if newest(events_of(tracker)) else self._step
        return await step.run(dispatcher, tracker, domain)


class UnlessAnswered:
    """Runs ``answer_faq`` if the FAQ overrules Rasa's intent (vote.py), otherwise ``step``, the step of that intent."""

    def __init__(self, step: Step, answer_faq: AnswerFaq) -> None:
        self.name, self._step, self._answer_faq = step.name, step, answer_faq

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        typed = not citizens_words(tracker).startswith("/")  # a pressed button leaves no doubt about the intent
        overruled = typed and await self._answer_faq.overrules_rasa(tracker, if_near=self.name in DOUBTED_NEAR)
        step = self._answer_faq if overruled else self._step
        return await step.run(dispatcher, tracker, domain)
