"""Defines an aside: a message such as «mmm no sé» or «¿de dónde sacas eso?», which has a reply of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from rasa_sdk import Tracker

from actions.faq import Faq
from actions.replies.answers import FaqReplies
from bot.core.payload import Payload


class Aside(Protocol):
    """Returns the replies to a message that only is such an aside; () for any other."""

    def about(self, tracker: Tracker) -> tuple[Payload, ...]: ...


@dataclass(frozen=True)
class FaqAside:
    """What a kind of aside replies with; ``today`` returns the current date in the agency's time zone."""

    faq: Faq
    replies: FaqReplies
    today: Callable[[], date]
