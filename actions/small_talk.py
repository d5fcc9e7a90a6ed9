"""Recognizes messages that are nothing but small talk: Rasa's examples, one after another, such as «sí, de acuerdo»."""

from __future__ import annotations

from collections.abc import Iterable

from bot.text.normalize import plain

MAX_WORDS = 15  # of a message


class SmallTalk:
    """The examples of small talk; capitals, accents and punctuation do not matter."""

    def __init__(self, examples: Iterable[str]) -> None:
        self._examples = frozenset(plain(one) for one in examples)
        self._longest = max((len(one.split()) for one in self._examples), default=0)

    def is_all_of(self, text: str) -> bool:
        """Returns whether the text is an example, or can be cut into examples; always False for long texts."""
        words = plain(text).split()
        if not 0 < len(words) <= MAX_WORDS:
            return False
        cuts = {0}  # numbers of leading words that can be cut into examples
        for end in range(1, len(words) + 1):
            starts = range(max(0, end - self._longest), end)
            if any(start in cuts and " ".join(words[start:end]) in self._examples for start in starts):
                cuts.add(end)
        return len(words) in cuts
