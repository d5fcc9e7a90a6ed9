"""Distinguishes texts that can be ranked from emoji, other scripts and fragments."""

from __future__ import annotations

from bot.faq.encoder.encoder import sanitised

MIN_LETTERS = 3
MIN_LATIN_SHARE = 0.5


def is_readable(text: str) -> bool:
    """Returns whether ``text`` has enough letters, at least half of them Latin; False for emoji and other scripts."""
    letters = [char for char in sanitised(text) if char.isalpha()]
    if len(letters) < MIN_LETTERS:
        return False
    return sum(char <= "\u024f" for char in letters) / len(letters) >= MIN_LATIN_SHARE
