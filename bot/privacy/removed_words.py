"""Deletes the text of a removed message from texts derived from it, such as summaries, topics and questions.

Such a text may contain the removed words unchanged, masked, as one line among those of other messages, or truncated, as
in a ticket's summary. JSON is parsed and only its strings are changed, since a message may contain any character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from bot.conversation.change import SUMMARY_CHARACTERS
from bot.text.masking.found import MASK
from bot.text.masking.masking import masked, masked_contact

SHORT = 8  # words with fewer characters may occur in any text by chance
LONG = 16  # words with fewer characters and without a digit may be anybody's, such as «muchas gracias»
GONE = "…"
KEYS = frozenset({"summary", "text", "words", "question", "what", "location"})  # fields with a citizen's words
NESTED = frozenset({"data", "events", "dialogue", "unheard"})  # fields whose strings may be JSON
SAID = frozenset({"said", "events"})  # fields with the assistant's answers
# Fields that the program reads, or that contain published texts; they are never changed.
UNTOUCHED = frozenset(
    {
        *("provenance", "candidates", "offered", "asks", "source", "danger", "handoff", "referral", "payload"),
        *("id", "message_id", "reply_id", "rating_id", "edits", "ref", "of", "ticket", "entry", "version", "button"),
        *("kind", "author", "channel", "conversation", "state", "step", "answered", "reason", "priority", "why"),
        *("team", "owner_id", "by", "proposal", "language", "notice", "subscription", "type", "outcome", "resumed"),
        *("erasure", "of_ticket", "part", "part_id", "contact_id", "quotes"),
    }
)


@dataclass(frozen=True)
class RemovedWords:
    """The forms in which a text may contain the words of a removed message, longest first."""

    wholes: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> RemovedWords:
        said = [text, masked(text), masked_contact(text)]
        said += [one[:SUMMARY_CHARACTERS] for one in said]
        return cls(tuple(sorted({one.strip() for one in said if _content(one)}, key=len, reverse=True)))

    def without(self, text: str) -> str:
        """Returns ``text``, which is derived from citizens' messages, without the removed words.

        Replaces them with GONE; returns '' if ``text`` contains nothing else.
        """
        if text.strip() in self.wholes:
            return ""
        shortest = _shortest_cut(text)
        for whole in self.wholes:
            text = re.sub(rf"^[ \t]*{re.escape(whole)}[ \t]*$", GONE, text, flags=re.MULTILINE)
        return self._without_cut(self._replaced(text, self._parts), shortest)

    def without_quotes(self, text: str) -> str:
        """Returns ``text``, written by somebody else, without quotes of the removed words.

        Keeps words that anybody may use.
        """
        return self._replaced(text, self._quotes)

    def without_in(self, value: object, name: str = "") -> object:
        """Returns a JSON value, derived from citizens' messages, without the removed words.

        ``name`` is the value's field.
        """
        return self._walked(value, name, self._without_in_field)

    def without_quotes_in(self, value: object) -> object:
        """Returns a JSON value of somebody else's message without quotes of the removed words."""
        return self._walked(value, "", lambda text, _key: self.without_quotes(text))

    @cached_property
    def _parts(self) -> list[re.Pattern[str]]:
        return [_at_borders(one) for one in self.wholes if _is_revealing(one, SHORT)]

    @cached_property
    def _quotes(self) -> list[re.Pattern[str]]:
        return [_at_borders(one) for one in self.wholes if _is_revealing(one, LONG)]

    def _without_in_field(self, text: str, key: str) -> str:
        return self.without(text) if key in KEYS else self._replaced(text, self._parts)

    def _replaced(self, text: str, patterns: list[re.Pattern[str]]) -> str:
        for one in patterns:
            text = one.sub(GONE, text)
        return text

    def _without_cut(self, text: str, shortest: int) -> str:
        """Replaces the last lines of ``text`` with GONE if they are the truncated beginning of removed words."""
        for begin in (0, *(found.end() for found in re.finditer("\n", text))):
            tail = text[begin:].removesuffix(GONE).strip()
            if len(tail) >= shortest and any(one.startswith(tail) for one in self.wholes):
                return text[:begin] + GONE
        return text

    def _walked(self, value: object, key: str, clean: Callable[[str, str], str]) -> object:
        if key in SAID and not isinstance(value, str):
            clean = _quotes_only(self)
        if isinstance(value, dict):
            return {name: one if name in UNTOUCHED else self._walked(one, name, clean) for name, one in value.items()}
        if isinstance(value, list):
            return [self._walked(one, "" if key in SAID else key, clean) for one in value]
        if not isinstance(value, str):
            return value
        inner = parsed(value) if key in NESTED else None
        if inner is None:
            return clean(value, key)
        cleaned = self._walked(inner, key, clean)
        return value if cleaned == inner else json.dumps(cleaned)


def parsed(text: str) -> dict[str, object] | list[object] | None:
    """Parses a JSON object or list; returns None for any other text."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def _quotes_only(words: RemovedWords) -> Callable[[str, str], str]:
    return lambda text, _key: words.without_quotes(text)


def _content(text: str) -> str:
    return text.replace(MASK, "").strip()


def _shortest_cut(text: str) -> int:
    """Returns the minimum number of characters for the last lines of ``text`` to count as truncated words."""
    if len(text) >= SUMMARY_CHARACTERS:
        return 1
    return SHORT // 2 if GONE in text or MASK in text else LONG


def _is_revealing(whole: str, characters: int) -> bool:
    """Returns whether ``whole`` is too specific to be a coincidence.

    Without its masks, it must have at least SHORT characters and a digit, or more than one word and at least
    ``characters`` characters.
    """
    content = _content(whole)
    if len(content) >= SHORT and any(one.isdigit() for one in content):
        return True
    return len(content) >= characters and len(content.split()) > 1


def _at_borders(whole: str) -> re.Pattern[str]:
    before = r"(?<!\w)" if re.match(r"\w", whole) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", whole) else ""
    return re.compile(before + re.escape(whole) + after)
