"""Defines the context of a message: the entry last sent, the citizen's audience segment, and the required certainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.faq.answering.follow_up import is_bare
from bot.text.normalize import plain


@dataclass(frozen=True)
class Context:
    """The state of a conversation at the time of a message.

    ``previous`` is the id of the entry last sent; None if there is none or it was sent too long ago. ``audience``
    contains the citizen's value for each known dimension, such as ``{"comuna": "los-aromos", "canal": "whatsapp"}``.
    ``certainty`` is a minimum probability for answering, as set in a crisis; it applies if it exceeds the usual one.
    ``question`` is the beginning of the citizen's question that the previous entry answered, masked; '' if unknown.
    ``other`` is the id of the entry that answered the first of two questions, if ``previous`` answered the second.
    ``calm`` is true if the citizen denied that the message tells of a danger.
    """

    previous: str | None = None
    audience: Mapping[str, str] = field(default_factory=dict)
    certainty: float = 0.0
    question: str = ""
    other: str | None = None
    calm: bool = False

    def again(self, text: str) -> bool:
        """Returns whether ``text`` is the same question again, and therefore no follow-up to its answer.

        A question that fits any entry («cuánto cuesta») is always a follow-up.
        """
        return plain(self.question) == plain(text) and not is_bare(text)


NO_CONTEXT = Context()
