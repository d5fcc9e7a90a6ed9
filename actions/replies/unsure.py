"""Replies to citizens who do not know whether an offered entry is what they need: «mmm no sé», «puede ser».

The reply says what each entry is about. The citizen can choose one, use other words or ask for a person. Who doubts
after that is asked what they want to do, instead of reading the same. The offer stays open.
"""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk import Tracker

from actions.context import context_of
from actions.faq import Decision
from actions.history import explained, offered
from actions.replies.above import sent_last
from actions.replies.aside import FaqAside
from actions.replies.buttons import ASK_HUMAN, choice
from actions.step import citizens_words
from actions.tracker import events_of
from bot.core.messages import Button, Candidate
from bot.core.payload import Payload
from bot.faq.entries.passages import first_sentence
from bot.text.doubts import is_unsure
from bot.text.markdown import literal


class Unsure(FaqAside):
    """Replies to doubts about offered entries."""

    def about(self, tracker: Tracker) -> tuple[Payload, ...]:
        """Returns the reply to a message that only doubts about the open offer; () if it says more, or none is open."""
        choices = offered(events_of(tracker))[: self.replies.agency.max_choices]
        if not choices or not is_unsure(citizens_words(tracker)):
            return ()
        agency = self.replies.agency
        again = explained(events_of(tracker))
        text = agency.say("duda_otra_vez") if again else self._explained(choices, tracker)
        buttons = (*map(choice, choices), Button(agency.say("boton_persona"), ASK_HUMAN))
        quotes = () if again else tuple(one.entry for one in choices)
        return (Payload(text, buttons=buttons, candidates=tuple(choices), explained=True, quotes=quotes),)

    def _explained(self, choices: Sequence[Candidate], tracker: Tracker) -> str:
        """Returns the text that says what each of the choices is about."""
        context, today, agency = context_of(tracker, self.replies.agency), self.today(), self.replies.agency
        found = [self.faq.answerer.chosen(one.entry, today=today, context=context) for one in choices]
        told = "\n".join(_described(one, decision) for one, decision in zip(choices, found, strict=True))
        begins = agency.say("duda_una" if len(choices) == 1 else "duda_varias")
        return f"{begins}\n\n{told}\n\n{agency.say('duda_sigue')}"


def _described(candidate: Candidate, decision: Decision | None) -> str:
    """Returns a line with the question of the entry, and the first sentence of its answer or first variant.

    The answer of an expired entry is not quoted.
    """
    entry = sent_last(decision)
    said = first_sentence(entry.body) if entry else ""
    return f"- **{literal(candidate.question)}** {literal(said)}".rstrip()
