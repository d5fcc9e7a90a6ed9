"""The entries that staff may send: suggested for a citizen's words, or found by words of theirs.

The FAQ is the one that this process follows (bot/faq/publishing/watch.py), so an edited entry is sent as it is now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.channels.formatting.markdown_spans import markdown_spans
from bot.channels.formatting.markup import plain_text
from bot.core.messages import Author, Candidate, Provenance, Reply
from bot.desk.api.suggestions import Suggestions
from bot.faq.entries.entry import Entry
from bot.text.normalize import plain

SUGGESTED = 3
FOUND = 8
MIN_CONFIDENCE = 0.03


class Published(Protocol):
    """The FAQ as it is now."""

    @property
    def entries(self) -> Sequence[Entry]: ...


class Answers:
    """Looks entries up. ``timezone`` says when one expires."""

    def __init__(self, faq: Published, suggestions: Suggestions, timezone: str) -> None:
        self._faq = faq
        self._suggestions = suggestions
        self._zone = ZoneInfo(timezone)

    async def suggested(self, text: str) -> list[tuple[Entry, Candidate]]:
        """The likeliest entries for a citizen's words, at most SUGGESTED."""
        known = {entry.id: entry for entry in reversed(self._served())}
        likely = [one for one in await self._suggestions.of(text) if one.confidence >= MIN_CONFIDENCE]
        return [(known[one.entry], one) for one in likely if one.entry in known][:SUGGESTED]

    def search(self, words: str) -> list[Entry]:
        """The entries with every one of the words, or words that begin so; those of the question first."""
        wanted = plain(words).split()
        near = [(distance, entry) for entry in self._served() if (distance := _distance(entry, wanted)) is not None]
        return [entry for _, entry in sorted(near, key=lambda one: one[0])][:FOUND]

    def questions(self) -> list[str]:
        """Of every entry, once, in order."""
        return sorted({entry.question for entry in self._served()}, key=plain)

    def about(self, topic: str) -> Entry | None:
        """The entry with that question, however it is accented or capitalised; None for other words."""
        words = plain(topic)
        return next((entry for entry in self._served() if plain(entry.question) == words), None)

    def reply(self, version: str) -> Reply | None:
        """The entry of that version as staff send it, as certain as a choice is; None when it is no longer served."""
        entry = next((one for one in self._served() if one.version == version), None)
        if entry is None:
            return None
        proof = Provenance(entry.id, version, entry.question, 1.0, entry.responsible, entry.reviewed.isoformat())
        return Reply(entry.body, source=entry.source, provenance=proof, author=Author.STAFF)

    def _served(self) -> list[Entry]:
        today = datetime.now(UTC).astimezone(self._zone).date()
        return [entry for entry in self._faq.entries if not entry.expired(today)]


def text_to_edit(entry: Entry) -> str:
    """The entry as plain words with its source, for the reply box."""
    return f"{plain_text(markdown_spans(entry.body)).strip()}\n\n{entry.source.url}"


def _distance(entry: Entry, wanted: Sequence[str]) -> int | None:
    """How near: 0 all words in the question, 1 in the question or a wording of citizens, 2 anywhere; None not all."""
    for distance, text in enumerate(_folded(entry.question, entry.variants, entry.body)):
        if all(f" {word}" in text for word in wanted):
            return distance
    return None


@lru_cache(maxsize=4096)
def _folded(question: str, variants: tuple[str, ...], body: str) -> tuple[str, str, str]:
    asked = f" {plain(question)}"
    worded = " ".join([asked, *(plain(one) for one in variants)])
    return asked, worded, f"{worded} {plain(body)}"
