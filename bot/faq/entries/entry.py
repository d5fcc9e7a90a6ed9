"""One entry of the FAQ: a question that the agency answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from bot.core.messages import Source


@dataclass(frozen=True)
class Entry:
    """One question that the agency answers. ``variants`` are wordings of citizens, ``body`` Markdown with
    the lines of the fields that are shown, ``version`` the
    first 12 hex digits of the file's SHA-256, ``path`` its place in the FAQ folder; after ``expires`` it is not served.
    ``lines`` says on which line of the file a field or a variant stands.
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
        """The question and its variants, each once."""
        return tuple(dict.fromkeys((self.question, *self.variants)))

    def expired(self, today: date) -> bool:
        """Whether the entry may no longer be served on that day."""
        return self.expires is not None and self.expires < today
