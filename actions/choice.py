"""Handles yes, no, «no sé» and «ninguna de estas» as answers to offered choices; without an offer, small talk.

The open offer is read from the tracker (history.offered), so it lapses with the citizen's next message.
"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answer_faq import AnswerFaq, Today
from actions.context import context_of
from actions.faq import Faq
from actions.history import denied_before, denied_entries, has_helped, offered
from actions.replies.answers import FaqReplies
from actions.replies.aside import Aside
from actions.step import Domain, Events, Step, citizens_words
from actions.tracker import events_of
from bot.core.messages import Candidate, Handoff, HandoffReason
from bot.core.payload import Payload
from bot.text.doubts import drops_offer, says_not_that


class Affirm:
    """Responds to «sí»: answers with the only offered choice, or asks which choice is meant if there are several."""

    name = "action_affirm"

    def __init__(self, faq: Faq, replies: FaqReplies, today: Today) -> None:
        self._faq, self._replies, self._today = faq, replies, today

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        candidates = offered(events_of(tracker))
        if not candidates:
            dispatcher.utter_message(response="utter_affirm")
            return []
        if len(candidates) > 1:
            offer = self._replies.offer(candidates, question=self._replies.agency.say("cual_de_estas"))
            dispatcher.utter_message(json_message=offer.to_data())
            return []
        for reply in self._taken(candidates[0], tracker):
            dispatcher.utter_message(json_message=reply.to_data())
        return []

    def _taken(self, one: Candidate, tracker: Tracker) -> tuple[Payload, ...]:
        today, context = self._today(), context_of(tracker, self._replies.agency)
        return self._replies.for_chosen(self._faq.answerer.chosen(one.entry, today=today, context=context), today, one)


class Deny:
    """Responds to «no»: hands off if the citizen rejects offered choices, but not if they give up («olvídalo»).

    For who says after an answer that it was not what they asked («no era eso»), runs ``not_that``, if given. Who says
    it again in the session gets a person, who sees the entries that were not it.
    """

    name = "action_deny"

    def __init__(self, default_team: str, not_that: Step | None = None) -> None:
        self._team, self._not_that = default_team, not_that

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        events, words = events_of(tracker), citizens_words(tracker)
        candidates = offered(events)
        if candidates and not drops_offer(words):
            refuse(dispatcher, candidates, self._team)
        elif not (self._not_that and says_not_that(words) and has_helped(events)):
            dispatcher.utter_message(response="utter_deny")
        elif denied_before(events):
            refuse(dispatcher, denied_entries(events), self._team, "utter_missed_again")
        else:
            return await self._not_that.run(dispatcher, tracker, domain)
        return []


class NoneOfThese:
    """Responds to the button «Ninguna de estas»: hands off with the rejected choices."""

    name = "action_none_of_these"

    def __init__(self, default_team: str) -> None:
        self._team = default_team

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        refuse(dispatcher, offered(events_of(tracker)), self._team)
        return []


class UnlessAsks:
    """Runs ``answer_faq`` if the message continues with a question, otherwise ``step``, the step of yes or no."""

    def __init__(self, step: Step, answer_faq: AnswerFaq) -> None:
        self.name, self._step, self._answer_faq = step.name, step, answer_faq

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        step = self._answer_faq if self._answer_faq.asks(citizens_words(tracker)) else self._step
        return await step.run(dispatcher, tracker, domain)


class UnlessAside:
    """Runs ``step``; if the message is only an aside, such as a doubt about offered choices, replies to it instead."""

    def __init__(self, step: Step, asides: Aside) -> None:
        self.name, self._step, self._asides = step.name, step, asides

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        said = self._asides.about(tracker)
        for reply in said:
            dispatcher.utter_message(json_message=reply.to_data())
        return [] if said else await self._step.run(dispatcher, tracker, domain)


def refuse(
    dispatcher: CollectingDispatcher, candidates: tuple[Candidate, ...], team: str, said: str = "utter_none_of_these"
) -> None:
    """Hands off with the rejected entries as candidates, so that the agent sees them; ``said`` is a response."""
    handoff = Handoff(HandoffReason.NONE_OF_THESE, team=team, candidates=candidates)
    dispatcher.utter_message(response=said, json_message=Payload(handoff=handoff).to_data())
