"""Replies to who told something, was asked what they need, and names nothing then either: «¿y qué tengo que hacer?»."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.context import context_of
from actions.history import begun_before
from actions.replies.answers import Asked
from actions.replies.aside import FaqAside
from actions.step import citizens_words
from actions.tracker import events_of
from bot.core.payload import Payload
from bot.faq.answering.asked_section import asks_only_sections
from bot.faq.words.wording import only_tells


class ToldBefore(FaqAside):
    """Replies to both messages together."""

    def about(self, tracker: Tracker) -> tuple[Payload, ...]:
        """Returns the answer or the choices for both messages, or a person; () if the message says more, or a danger.

        The message alone resembles a question about the assistant («¿qué puedo hacer?»).
        """
        words, told = citizens_words(tracker), begun_before(events_of(tracker))
        if not only_tells(told) or not asks_only_sections(words, ""):
            return ()
        today, context = self.today(), context_of(tracker, self.replies.agency)
        decision = self.faq.answerer.answer(f"{told} {words}", today=today, context=context)
        if decision.danger:
            return ()
        if decision.kind in ("answer", "clarify", "refer"):
            return self.replies.for_decision(decision, today, Asked(f"{told} {words}"))
        return (self.replies.not_known(decision.candidates),)
