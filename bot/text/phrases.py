"""Recognizes texts that consist only of known phrases, such as «sí, de acuerdo» or «ok, gracias»."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.text.normalize import plain

MAX_WORDS = 15  # of a text


class Phrases:
    """A set of phrases; ``fold`` normalizes phrases and texts before they are compared, for example their accents."""

    def __init__(self, phrases: Iterable[str], fold: Callable[[str], str] = plain) -> None:
        self._fold, self._phrases = fold, frozenset(fold(one) for one in phrases)
        self._longest = max((len(one.split()) for one in self._phrases), default=0)

    def are_all_of(self, text: str) -> bool:
        """Returns whether the text consists of known phrases only; False for long texts and texts without words."""
        words = self._fold(text).split()
        if not 0 < len(words) <= MAX_WORDS:
            return False
        cuts = {0}  # numbers of leading words that can be cut into phrases
        for end in range(1, len(words) + 1):
            starts = range(max(0, end - self._longest), end)
            if any(start in cuts and " ".join(words[start:end]) in self._phrases for start in starts):
                cuts.add(end)
        return len(words) in cuts
