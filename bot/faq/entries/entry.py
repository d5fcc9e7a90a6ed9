"""Defines an entry of the FAQ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from bot.core.messages import Source
from bot.faq.entries.phrases import phrases_name


@dataclass(frozen=True)
class Entry:
    """A question that the agency answers, with its answer and metadata.

    ``variants`` are other ways to ask the question: those of the ``.md`` file, then those of the phrases file.
    ``counterexamples`` are requests about the same subject that the entry does not answer. ``body`` is the answer in
    Markdown, followed by the display fields. ``version`` is the first 12 hexadecimal digits of the SHA-256 of both
    files. ``path`` is relative to the FAQ folder. ``expires`` is the last day on which the entry is served. ``topic``
    is the folder. ``topic_title`` is the topic as the file writes it, such as «Áreas verdes»; '' if the file writes the
    folder's name. ``lines`` maps each field's name and each variant to its line in the file; ``phrase_lines`` does so
    for each phrase.
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
    phrase_lines: dict[str, int] = field(default_factory=dict, compare=False, repr=False)
    counterexamples: tuple[str, ...] = ()
    topic_title: str = ""

    @property
    def utterances(self) -> tuple[str, ...]:
        """Returns the question and its variants, without repetitions."""
        return tuple(dict.fromkeys((self.question, *self.variants)))

    def place_of(self, utterance: str) -> tuple[str, int]:
        """Returns the file that contains ``utterance``, and the line there; if none does, the place of the question."""
        if utterance in self.phrase_lines:
            return phrases_name(self.path), self.phrase_lines[utterance]
        return self.path, self.lines.get(utterance, self.lines.get("pregunta", 1))

    def expired(self, today: date) -> bool:
        """Returns whether the entry's last day is before ``today``; False if the entry has no last day."""
        return self.expires is not None and self.expires < today


class Published(Protocol):
    """Provides the published entries."""

    @property
    def entries(self) -> Sequence[Entry]: ...
