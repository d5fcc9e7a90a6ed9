"""Answers from the FAQ when the citizen asks a question, chooses an entry, or states their audience.

The intent of a question is ask_faq, ask_other or nlu_fallback. The intent of a choice is choose_entry, and that of a
statement about the audience is tell_audience.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.commands import Fallback, go_on, not_known
from actions.context import context_of, folds
from actions.faq import Decision, Faq
from actions.history import asked_about, begun_before, entry_beside, offered, offers_again, previous_entry
from actions.replies.above import sent_last, stays_above
from actions.replies.answers import Asked, FaqReplies, unfolded
from actions.replies.asides import asides
from actions.replies.buttons import WHOLE
from actions.routing import with_team
from actions.step import Domain, Events, Step, citizens_words
from actions.tracker import TrackerEvent, events_of, values
from actions.unfinished import asks_nothing, only_names_somebody
from actions.user_attributes import MAX_WORDS, newest
from actions.vote import (
    DOUBTED_NEAR,
    TO_PERSON,
    commanded,
    goes_on_about,
    goes_on_unknown,
    goes_to_a_person,
    is_better,
    is_near,
    is_unknown,
    named_among,
    offers_despite_person,
    overrules_rasa,
    with_offer,
)
from bot.core.payload import Payload
from bot.core.texts import area
from bot.faq.answering.decision import COURTESIES
from bot.faq.answering.follow_up import only_skips_a_step
from bot.handoff.matter import asks_for_somebody
from bot.text.normalize import plain
from bot.text.phrases import Phrases

NO_SMALL_TALK = Phrases(())
Today = Callable[[], date]  # returns the current date in the agency's time zone


@dataclass(frozen=True)
class BeforeRasa:
    """The answerer's decision on a message that Rasa has not seen; if all fields are empty, Rasa gets the message.

    ``said`` are the replies to a message that an entry answers with enough confidence. ``if_question`` are the replies
    that a message gets if Rasa classifies it as a question. ``command`` is the command that Rasa must get instead of
    the text, because it leads to a person. At most one field is not empty.
    """

    said: tuple[Payload, ...] = ()
    if_question: tuple[Payload, ...] = ()
    command: str = ""


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
        out_of_scope: Fallback,
        commands: Mapping[str, Step],
        small_talk: Phrases = NO_SMALL_TALK,
    ) -> None:
        self._faq, self._replies, self._today = faq, replies, today
        self._out_of_scope, self._commands, self._small_talk = out_of_scope, commands, small_talk
        self._not_known, self._go_on = not_known(replies.agency), go_on(replies.agency)
        self._asides = asides(faq, replies, today)

    async def before_rasa(self, tracker: Tracker) -> BeforeRasa:
        """Returns the decision on a message that Rasa has not seen.

        Rasa alone decides on a message that may answer a question about the audience, that is a command or only small
        talk, or whose reply is a text of domain.yml. If the message may also choose among offered entries, describe a
        danger or lead to a person, or no entry answers it with enough confidence, the replies depend on Rasa's intent.
        Asides are answered.
        """
        if aside := self._asides.about(tracker):
            return BeforeRasa(said=aside)
        today, events, words = self._today(), events_of(tracker), citizens_words(tracker)
        decision = await self._decide(tracker, today)
        is_small_talk = self._small_talk.are_all_of(words)  # «menú», which the classifier takes for a person's
        if not is_small_talk and (command := goes_to_a_person(decision, words)):
            return BeforeRasa(command=command)
        if commanded(decision, words):
            return BeforeRasa()
        if again := self._offered_again(decision, events, words):
            return BeforeRasa(if_question=again)
        if only_names_somebody(words) or asked_about(events) or is_small_talk:
            return BeforeRasa()
        fallback = self._fallback(decision, words)
        replies = fallback.said(events) if fallback else self._replies_to(decision, today, tracker)
        replies = tuple(with_team(one, tracker, self._replies.agency) for one in replies)
        skips = only_skips_a_step(words) and not fallback
        known = decision.kind == "answer" or skips or stays_above(replies, words, events)
        surely = known and not decision.danger and not any(one.handoff for one in replies)
        sure = surely and not offered(events) and not asks_for_somebody(words)
        return BeforeRasa(said=replies) if sure else BeforeRasa(if_question=replies)

    async def overrules_rasa(self, tracker: Tracker, step: str = "") -> bool:
        """Returns whether the answerer's decision replaces ``step``, which Rasa chose for a command or small talk.

        If ``step`` is one of DOUBTED_NEAR, also returns True for a message near the agency's subjects that is neither a
        command nor small talk, or that goes on about an open offer («dónde»). If it leads to a person, also returns
        True for a message that gets choices and has no word of a person.
        """
        decision, words = await self._decide(tracker, self._today()), citizens_words(tracker)
        if step == TO_PERSON and offers_despite_person(decision, words):
            return True
        if step in DOUBTED_NEAR and self._offered_again(decision, events_of(tracker), words):
            return True
        if_near = step in DOUBTED_NEAR
        near = if_near and decision.command is None and is_near(decision) and not self._small_talk.are_all_of(words)
        return near or overrules_rasa(decision, words)

    def asks(self, words: str) -> bool:
        """Returns whether a message taken for yes or no is a question: «y si llevo a mi loro», but not «y sí»."""
        first, *rest = plain(words).split() or [""]
        joins = first in area("agency")["sigue_la_pregunta"]  # «sí» and «eso» go on, too, but join nothing
        return joins and bool(rest) and not self._small_talk.are_all_of(" ".join(rest))

    def _replies_to(self, decision: Decision, today: date, tracker: Tracker) -> tuple[Payload, ...]:
        events, context = events_of(tracker), context_of(tracker, self._replies.agency)
        previous, other = previous_entry(events), entry_beside(events)
        if decision.entry and decision.entry.id == other:  # a follow-up on the first of two answers
            previous = other
        sent = self._faq.answerer.chosen(previous, today=today, context=context) if previous else None
        asked = Asked(citizens_words(tracker), previous, folds(tracker), sent_last(sent))
        replies = self._replies.for_decision(decision, today, asked)
        return with_offer(replies, decision, self._replies.agency, asked.words)

    async def _decide(self, tracker: Tracker, today: date) -> Decision:
        """Returns the decision on the message, or on the fragment before it and the message if that is better."""
        context, words = context_of(tracker, self._replies.agency), citizens_words(tracker)

        async def decided(text: str) -> Decision:
            return await asyncio.to_thread(self._faq.answerer.answer, text, today=today, context=context)

        decision, begun = await decided(words), begun_before(events_of(tracker))
        if not begun or decision.kind in ("answer", "refer") or decision.command or self._small_talk.are_all_of(words):
            return decision
        joined = await decided(f"{begun} {words}")
        return joined if joined.danger or is_better(joined, decision) else decision

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        today, words = self._today(), citizens_words(tracker)
        decision = await self._decide(tracker, today)
        if step := self._commands.get(command := commanded(decision, words)):
            for notice in self._replies.notices(decision):
                dispatcher.utter_message(json_message=notice.to_data())
            # A farewell below the line with the number would end the talk with somebody who may want to die.
            return [] if decision.danger and command in COURTESIES else await step.run(dispatcher, tracker, domain)
        waiting = asked_about(events_of(tracker))
        if waiting and is_no_question(words, decision):
            context = context_of(tracker, self._replies.agency)
            chosen = self._faq.answerer.chosen(waiting.entry, today=today, context=context)
            replies = self._replies.for_chosen(chosen, today, waiting)
        elif again := self._offered_again(decision, events_of(tracker), words):
            replies = again
        elif fallback := self._fallback(decision, words):
            return await fallback.run(dispatcher, tracker, domain)
        else:
            replies = self._replies_to(decision, today, tracker)
        for reply in replies:
            dispatcher.utter_message(json_message=reply.to_data())
        return []

    def _offered_again(self, decision: Decision, events: Sequence[TrackerEvent], words: str) -> tuple[Payload, ...]:
        """Returns the open offer, if the message asks about any of its entries («¿cuánto vale?»), or the named one.

        A message that goes on and that nothing answers («¿y sirve para el colegio?») gets the offer once more, too.
        The second time in a row, the reply says why the citizen must choose, and offers a person.
        """
        choices = offered(events)
        if named := named_among(choices, decision, words):
            return (self._replies.offer((named,)),)
        again = offers_again(events)
        about = goes_on_about(choices, decision, words) and not previous_entry(events)
        lost = is_unknown(decision) and goes_on_unknown(decision, words) and not again
        if not choices or not (about or lost):
            return ()
        return (self._replies.offer_again(choices, is_stuck=again),)

    def _fallback(self, decision: Decision, words: str) -> Fallback | None:
        """Returns the step for chitchat, an unfinished message, or one that only names somebody; else None."""
        is_small_talk = self._small_talk.are_all_of(words)
        guesses = decision.kind == "clarify" and not decision.asks and only_names_somebody(words)
        if decision.danger or not (decision.kind == "scope" or is_small_talk or is_unknown(decision) or guesses):
            return None
        if asks_nothing(words) and not is_small_talk:
            return self._go_on
        if decision.kind == "handoff" and not is_small_talk:
            return None
        return self._not_known if is_near(decision) and not is_small_talk else self._out_of_scope


def is_no_question(words: str, decision: Decision) -> bool:
    """Returns whether the message may answer a question of the assistant instead of asking something.

    True if the message has at most MAX_WORDS words and the answerer recognizes no subject and no danger in it.
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

    Also answers a citizen who declined to state the audience. The audience is remembered until the session ends
    (user_attributes.known).
    """

    name = "action_tell_audience"

    def _entry(self, tracker: Tracker) -> str:
        attribute = newest(events_of(tracker))
        return attribute.entry if attribute else ""


class UnlessAttribute:
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
        overruled = typed and await self._answer_faq.overrules_rasa(tracker, self.name)
        step = self._answer_faq if overruled else self._step
        return await step.run(dispatcher, tracker, domain)
