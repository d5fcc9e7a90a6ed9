"""Answers asides, such as doubts about an offer, requests for an answer's source, and questions who somebody is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from rasa_sdk import Tracker

from actions.faq import Faq
from actions.replies.answers import FaqReplies
from actions.replies.aside import Aside
from actions.replies.only_choice import OnlyChoice
from actions.replies.other_audience import AskedForOthers
from actions.replies.source import AskedSource
from actions.replies.told import ToldBefore
from actions.replies.unsure import Unsure
from actions.replies.who import AskedWho
from bot.core.payload import Payload


@dataclass(frozen=True)
class Asides:
    """The asides, of which the first that replies counts."""

    some: tuple[Aside, ...]

    def about(self, tracker: Tracker) -> tuple[Payload, ...]:
        return next((said for one in self.some if (said := one.about(tracker))), ())


def asides(faq: Faq, replies: FaqReplies, today: Callable[[], date]) -> Asides:
    every = (Unsure, AskedSource, AskedWho, ToldBefore, OnlyChoice, AskedForOthers)
    return Asides(tuple(aside(faq, replies, today) for aside in every))
