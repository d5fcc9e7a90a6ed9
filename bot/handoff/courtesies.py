"""Recognizes thanks and goodbyes, which need no answer (courtesies.yml)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.core.yaml import read_yaml_file
from bot.text.normalize import phonetic
from bot.text.phrases import Phrases

PHRASES = Path(__file__).with_name("courtesies.yml")


def is_courtesy(text: str) -> bool:
    """Returns whether a message contains only courtesies, or no letters or digits, such as emojis.

    Returns False for an empty message, and for one with a question mark.
    """
    if "?" in text or not text.strip():
        return False
    return not phonetic(text).strip() or _courtesies().are_all_of(text)


@cache
def _courtesies() -> Phrases:
    groups = read_yaml_file(PHRASES)
    return Phrases((phrase for group in groups.values() for phrase in group), phonetic)
