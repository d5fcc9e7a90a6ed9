"""Finds the words of a removed message in what was derived from it: summaries, topics, questions, quotes.

A text contains them as they were said, masked, or cut as a ticket's summary is. Short words, such as «sí», are taken
out only where they are the whole text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from bot.conversation.inbox import SUMMARY_CHARACTERS
from bot.text.masking.found import MASK
from bot.text.masking.masking import masked, masked_contact

SHORT = 8  # fewer characters may be a part of any other word
GONE = "…"
KEYS = ("summary", "text", "words", "question", "what", "location")  # of JSON values that are a citizen's words


@dataclass(frozen=True)
class RemovedWords:
    """What to look for: ``forms`` are pairs of words and of what takes their place, ``wholes`` are whole texts."""

    forms: tuple[tuple[str, str], ...]
    wholes: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> RemovedWords:
        said = [text, masked(text), masked_contact(text)]
        said += [one[:SUMMARY_CHARACTERS] for one in said]
        wholes = sorted({one.strip() for one in said if one.replace(MASK, "").strip()}, key=len, reverse=True)
        forms = [form for whole in wholes for form in _forms(whole)]
        return cls(tuple(dict.fromkeys(forms)), tuple(wholes))

    def without(self, text: str) -> str:
        """Returns a text without the words."""
        if text.strip() in self.wholes:
            return ""
        return self._replaced(text)

    def without_in(self, data: object) -> object:
        """Returns JSON values without the words."""
        return json.loads(self._replaced(json.dumps(data)))

    def _replaced(self, text: str) -> str:
        for form, instead in self.forms:
            text = text.replace(form, instead)
        return text


def _forms(whole: str) -> Iterator[tuple[str, str]]:
    """Yields the words as they are in texts and in JSON, where other characters than ASCII may be escaped."""
    written = (json.dumps(whole), json.dumps(whole, ensure_ascii=False))
    if len(whole) >= SHORT:
        yield whole, GONE
        yield from ((one[1:-1], GONE) for one in written)
        return
    for one in written:
        for key in KEYS:
            for colon in (":", ": "):
                yield f'"{key}"{colon}{one}', f'"{key}"{colon}""'
