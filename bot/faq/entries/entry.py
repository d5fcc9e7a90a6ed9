"""Defines an entry of the FAQ."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from bot.core.messages import Source


@dataclass(frozen=True)
class Entry:
    """A question that the agency answers, and its answer.

    ``variants`` are other ways to ask the question; ``body`` is Markdown that ends with the display fields; ``version``
    is the start of the file's SHA-256, 12 hexadecimal digits; ``path`` is relative to the FAQ folder. After the day
    ``expires`` the entry is not served. ``lines`` maps each field and variant to its line in the file.
    """

    id: str
    question: str
    variants: tuple[str, ...]
    topic: str
    team: str
    source: Source
    responsible: str
    reviewed: date
    expires: date | None
    audience: dict[str, tuple[str, ...]] = field(hash=False)
    body: str
    version: str
    path: str
    lines: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def utterances(self) -> tuple[str, ...]:
        """Returns the question and its variants, each once."""
        return tuple(dict.fromkeys((self.question, *self.variants)))

    def expired(self, today: date) -> bool:
        """Returns whether the entry has expired by the day ``today``."""
        return self.expires is not None and self.expires < today
