"""Distinguishes texts that can be ranked from emoji, other scripts and fragments; normalizes texts."""

from __future__ import annotations

from functools import lru_cache

from bot.faq.encoder.encoder import sanitised
from bot.faq.words.keywords import KEPT_ENTRIES
from bot.text.normalize import plain

MIN_LETTERS = 3
MIN_LATIN_SHARE = 0.5


def is_readable(text: str) -> bool:
    """Returns whether ``text`` has enough letters, at least half of them Latin; False for emoji and other scripts."""
    letters = [char for char in sanitised(text) if char.isalpha()]
    if len(letters) < MIN_LETTERS:
        return False
    return sum(char <= "\u024f" for char in letters) / len(letters) >= MIN_LATIN_SHARE


@lru_cache(maxsize=KEPT_ENTRIES)
def plain_all(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Normalizes texts for exact comparison; cached, so that a reload processes only changed entries."""
    return tuple(map(plain, texts))
