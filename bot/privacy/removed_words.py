"""Finds the words of a removed message in texts derived from it, such as summaries, topics and questions.

Such a text has the words as written, masked, or cut like a ticket's summary. A short message, such as «sí», is removed
only where it is the whole text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from bot.conversation.inbox import SUMMARY_CHARACTERS
from bot.text.masking.found import MASK
from bot.text.masking.masking import masked, masked_contact

SHORT = 8  # a message with fewer characters may be part of an unrelated word
GONE = "…"
KEYS = ("summary", "text", "words", "question", "what", "location")  # keys of JSON values that may be a citizen's words


@dataclass(frozen=True)
class RemovedWords:
    """The words to look for: ``forms`` are pairs of words and their replacement, ``wholes`` are complete texts."""

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
        """Returns a text without the words; '' if the text consists of them."""
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
    """Yields pairs of the words, as plain text and as JSON (escaped to ASCII or not), and their replacement."""
    written = (json.dumps(whole), json.dumps(whole, ensure_ascii=False))
    if len(whole) >= SHORT:
        yield whole, GONE
        yield from ((one[1:-1], GONE) for one in written)
        return
    for one in written:
        for key in KEYS:
            for colon in (":", ": "):
                yield f'"{key}"{colon}{one}', f'"{key}"{colon}""'
