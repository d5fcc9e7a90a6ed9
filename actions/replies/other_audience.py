"""Replies to who asks about the answer above for another audience: «¿y para empresas?».

The question about the audience is asked again, so that what the citizen gets next, and its follow-ups, fit the choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from rasa_sdk import Tracker

from actions.context import context_of
from actions.history import asked_about, offered, previous_entry
from actions.replies.aside import FaqAside
from actions.replies.audience import question
from actions.step import citizens_words
from actions.tracker import events_of
from actions.user_attributes import MAX_WORDS, NO
from bot.agency.segments import Segment
from bot.core.messages import Candidate
from bot.core.payload import Payload
from bot.core.texts import area
from bot.faq.entries.audience import Ask
from bot.faq.words.keywords import content_stems
from bot.faq.words.wording import stays
from bot.text.normalize import plain

PLURAL = re.compile(r"(?<=[aeiou])s\b|(?<=[dlnrz])es\b")


class AskedForOthers(FaqAside):
    """Asks for the audience again, if the answer above has a variant for the named one that was not sent."""

    def about(self, tracker: Tracker) -> tuple[Payload, ...]:
        """Returns the question; () if the message names no audience, or anything else, or a question is open."""
        events, agency = events_of(tracker), self.replies.agency
        previous, found = previous_entry(events), named_audience(citizens_words(tracker), agency.segments)
        if not previous or not found or asked_about(events) or offered(events):
            return ()
        dimension, value = found
        context, today = context_of(tracker, agency), self.today()
        other = replace(context, audience={**context.audience, dimension: value})
        sent, wanted = (self.faq.answerer.chosen(previous, today=today, context=one) for one in (context, other))
        entry = wanted.entry if wanted else None
        if not sent or not entry or dimension not in entry.audience or entry in (sent.entry, *sent.variants):
            return ()
        about = Candidate(previous, entry.question, 1.0)
        return (question(agency, Ask(previous, dimension, ()), (about,)),)


def named_audience(words: str, segments: Mapping[str, Segment]) -> tuple[str, str] | None:
    """Returns the dimension and value of the only option that a short message goes on to, if it names nothing else.

    The option's name alone is none: it may ask for a person, and «sí» is no option.
    """
    said = f" {_singular(words)} "
    first, *others = said.split() or [""]
    if first not in _goes_on() or NO in others or len(others) >= MAX_WORDS:
        return None
    named = {
        (dimension, value): rest
        for dimension, public in segments.items()
        for value, title in public.options.items()
        for name in (title, value.replace("_", "-"))
        if (rest := said.replace(f" {_singular(name)} ", " ")) != said
    }
    if len(named) != 1:
        return None
    [(found, rest)] = named.items()
    return found if not content_stems(rest) or stays(rest) else None


@cache
def _goes_on() -> frozenset[str]:
    return frozenset(area("agency")["sigue_la_pregunta"] + area("agency")["otro_publico"])


def _singular(words: str) -> str:
    return PLURAL.sub("", plain(words))
