"""Answers with the only offered entry if the citizen asks about it without naming it: «¿y cuánto cuesta?»."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.context import context_of
from actions.history import offered
from actions.replies.aside import FaqAside
from actions.step import citizens_words
from actions.tracker import events_of
from actions.vote import QUESTIONS
from bot.core.payload import Payload
from bot.faq.words.wording import refers_back, speaks_to_the_assistant, stays
from bot.handoff.matter import names_contact


class OnlyChoice(FaqAside):
    """Takes a question that names nothing for a yes."""

    def about(self, tracker: Tracker) -> tuple[Payload, ...]:
        """Returns the answer of the only offered entry; () for any other message, a danger or a command.

        What refers back to the offer, or would ask about the assistant («¿para qué sirve?»), is no command.
        """
        choices, words = offered(events_of(tracker)), citizens_words(tracker)
        if len(choices) != 1 or not stays(words, self.faq.answerer.subjects) or speaks_to_the_assistant(words):
            return ()
        today, context = self.today(), context_of(tracker, self.replies.agency)
        decision = self.faq.answerer.answer(words, today=today, context=context)
        named = decision.command.name if decision.command else ""
        about_offer = not named or named in QUESTIONS or refers_back(words, self.faq.answerer.subjects)
        if decision.danger or not about_offer or (named and names_contact(words)):
            return ()
        chosen = self.faq.answerer.chosen(choices[0].entry, today=today, context=context)
        return self.replies.for_chosen(chosen, today, choices[0])
