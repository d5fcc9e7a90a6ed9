"""Recognizes thanks and goodbyes, which need no answer (courtesies.yml)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from bot.text.normalize import phonetic

PHRASES = Path(__file__).with_name("courtesies.yml")
MAX_WORDS = 15


def is_courtesy(text: str) -> bool:
    """Returns whether a message contains only courtesies, or only emojis."""
    words = phonetic(text).split()
    if "?" in text or not text.strip() or len(words) > MAX_WORDS:
        return False
    return _courtesies().fullmatch("".join(f"{word} " for word in words)) is not None


@cache
def _courtesies() -> re.Pattern[str]:
    phrases = [phrase for group in yaml.safe_load(PHRASES.read_text(encoding="utf-8")).values() for phrase in group]
    heard = sorted({phonetic(phrase) for phrase in phrases}, key=len, reverse=True)
    return re.compile(f"(?:(?:{'|'.join(map(re.escape, heard))}) )*")
