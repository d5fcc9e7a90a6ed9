"""Finds what a citizen wants: their latest message that is more than a greeting or a call for a person."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.text.masking.masking import MASK
from bot.text.normalize import phonetic

WORDS = Path(__file__).with_name("matter.yml")


def matter_of(events: Sequence[Event], summary: str) -> str:
    """Returns the citizen's latest text that says what they want, among ``events`` (oldest first).

    Returns '' if there is no text. If no event has such a text, tries ``summary`` (the citizen's text before the
    handoff), then their latest text of any kind.
    """
    texts = [one.text for one in reversed(events) if one.kind is EventKind.MESSAGE and one.author is Author.CITIZEN]
    written = [text for text in (*texts, summary) if text.strip()]
    return next((text for text in written if tells_matter(text)), written[0] if written else "")


def tells_matter(text: str) -> bool:
    """Returns whether a message says what the citizen wants.

    Returns False for «hola», «gracias», «sí», «una persona», and for contacts, which are masked.
    """
    told = " ".join(word for word in text.split() if MASK not in word)
    return not _empty_words().issuperset(phonetic(told).split())


def asks_for_somebody(text: str) -> bool:
    """Returns whether a message asks for a person or complains without saying why: «quiero poner un reclamo»."""
    return not (tells_matter(text) or _words("personas", "reclamos").isdisjoint(phonetic(text).split()))


def _empty_words() -> frozenset[str]:
    return _words(*_groups())


@cache
def _words(*groups: str) -> frozenset[str]:
    return frozenset(part for group in groups for word in _groups()[group] for part in phonetic(word).split())


@cache
def _groups() -> dict[str, list[str]]:
    groups: dict[str, list[str]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return groups
