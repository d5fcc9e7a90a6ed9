"""Replies to who asks for a person by name or office, which the classifiers take for a question about the assistant."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.context import context_of
from actions.history import fell_back_before, previous_entry
from actions.replies.answers import Asked
from actions.replies.aside import FaqAside
from actions.replies.buttons import ASK_HUMAN
from actions.step import citizens_words
from actions.tracker import events_of
from bot.core.messages import Button
from bot.core.payload import Payload
from bot.faq.words.wording import asks_who


class AskedWho(FaqAside):
    """Replies to «¿cómo se llama el alcalde?»."""

    def about(self, tracker: Tracker) -> tuple[Payload, ...]:
        """Returns choices, a referral, or that the assistant does not know; () if an entry answers, or for a danger.

        The second message in a row that gets no answer is handed off.
        """
        words, events = citizens_words(tracker), events_of(tracker)
        if not asks_who(words):
            return ()
        today, agency = self.today(), self.replies.agency
        decision = self.faq.answerer.answer(words, today=today, context=context_of(tracker, agency))
        if decision.danger or decision.kind == "answer" or decision.asks:
            return ()
        if decision.kind in ("clarify", "refer"):
            return self.replies.for_decision(decision, today, Asked(words, previous_entry(events)))
        if fell_back_before(events):
            return (self.replies.not_known(decision.candidates),)
        person = Button(agency.say("boton_persona"), ASK_HUMAN)
        return (Payload(agency.say("no_se"), buttons=(person,), missed=True),)
