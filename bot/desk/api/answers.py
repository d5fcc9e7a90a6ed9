"""Finds the FAQ entries that staff may send, as suggestions for a citizen's message or by a word search.

Reads the live FAQ of this process (bot/faq/publishing/watch.py), so published edits take effect immediately.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.channels.formatting.markdown_spans import markdown_spans
from bot.channels.formatting.markup import plain_text
from bot.core.messages import Author, Candidate, Provenance, Reply
from bot.desk.api.suggestions import Suggestions
from bot.faq.entries.entry import Entry, Published
from bot.text.normalize import plain

SUGGESTED = 3
FOUND = 8
IN_QUESTION, IN_VARIANTS, IN_BODY = range(3)  # how far from its question an entry has the words of a search
MIN_CONFIDENCE = 0.03  # minimum for an entry that may be the topic of a conversation


class Answers:
    """Looks up entries that have not expired on today's date in ``timezone``."""

    def __init__(self, faq: Published, suggestions: Suggestions, timezone: str) -> None:
        self._faq = faq
        self._suggestions = suggestions
        self._zone = ZoneInfo(timezone)

    async def suggested(self, text: str) -> list[tuple[Entry, Candidate]]:
        """Returns at most SUGGESTED entries for a citizen's message, each with its Candidate, best match first."""
        return self._known((await self._suggestions.of(text)).offered)[:SUGGESTED]

    async def topics(self, text: str) -> list[str]:
        """Returns the questions of at most SUGGESTED entries that ``text`` may be about, best match first."""
        near = [one for one in (await self._suggestions.of(text)).candidates if one.confidence >= MIN_CONFIDENCE]
        return [entry.question for entry, _ in self._known(near)][:SUGGESTED]

    def search(self, words: str) -> list[Entry]:
        """Returns at most FOUND entries in which each of ``words`` occurs as a word or as the beginning of a word.

        Entries that match in the question come first, then entries that match in the variants. Entries that match only
        in the body come last, and not at all if a question matches: they only mention the words.
        """
        searched = plain(words).split()
        matches = [
            (distance, entry) for entry in self._served() if (distance := _distance(entry, searched)) is not None
        ]
        furthest = IN_VARIANTS if any(distance == IN_QUESTION for distance, _ in matches) else IN_BODY
        near = [one for one in matches if one[0] <= furthest]
        return [entry for _, entry in sorted(near, key=lambda one: one[0])][:FOUND]

    def questions(self) -> list[str]:
        """Returns the questions of all unexpired entries, sorted and without repetitions."""
        return sorted({entry.question for entry in self._served()}, key=plain)

    def about(self, topic: str) -> Entry | None:
        """Returns the entry whose question is ``topic``, ignoring accents and case, or None."""
        words = plain(topic)
        return next((entry for entry in self._served() if plain(entry.question) == words), None)

    def reply(self, version: str) -> Reply | None:
        """Returns the entry of this version as a reply, with confidence 1; None if unpublished or expired."""
        entry = next((one for one in self._served() if one.version == version), None)
        if entry is None:
            return None
        proof = Provenance(entry.id, version, entry.question, 1.0, entry.responsible, entry.reviewed.isoformat())
        return Reply(entry.body, source=entry.source, provenance=proof, author=Author.STAFF)

    def _known(self, candidates: Sequence[Candidate]) -> list[tuple[Entry, Candidate]]:
        known = {entry.id: entry for entry in reversed(self._served())}
        return [(known[one.entry], one) for one in candidates if one.entry in known]

    def _served(self) -> list[Entry]:
        today = datetime.now(UTC).astimezone(self._zone).date()
        return [entry for entry in self._faq.entries if not entry.expired(today)]


def text_to_edit(entry: Entry) -> str:
    """Returns the entry as plain text with the URL of its source, for the reply box."""
    return f"{plain_text(markdown_spans(entry.body)).strip()}\n\n{entry.source.url}"


def _distance(entry: Entry, words: Sequence[str]) -> int | None:
    """Returns the first part of an entry up to which all ``words`` occur; None if a word does not occur at all.

    The parts are IN_QUESTION, IN_VARIANTS and IN_BODY. A word also matches the beginning of a longer word.
    """
    for distance, text in enumerate(_folded(entry.question, entry.variants, entry.body)):
        if all(f" {word}" in text for word in words):
            return distance
    return None


@lru_cache(maxsize=4096)
def _folded(question: str, variants: tuple[str, ...], body: str) -> tuple[str, str, str]:
    asked = f" {plain(question)}"
    worded = " ".join([asked, *(plain(one) for one in variants)])
    return asked, worded, f"{worded} {plain(body)}"
