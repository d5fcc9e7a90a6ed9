"""Recognizes texts that say nothing about their matter: only a link, only a RUT or a telephone, only emojis."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from bot.core.texts import area
from bot.core.yaml import read_yaml_file
from bot.text.masking.masking import Kind, find
from bot.text.normalize import plain

_FILE = Path(__file__).with_name("wordless.yml")
BARE_DATA = frozenset({Kind.RUT, Kind.PHONE, Kind.EMAIL, Kind.CARD, Kind.PLATE})
LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
LONGEST_BARE = 300
GLAD, UPSET = "contento", "molesto"  # keys of ``emojis`` of bot/core/texts/agency.yml


def wordless(text: str) -> str:
    """Returns the key of the reply to a text that is only links or only data of a person; else ''.

    Greetings and words that name the data or the links do not count: «hola, mi rut es 12.345.678-5».
    """
    if len(text) > LONGEST_BARE:
        return ""
    if LINK.search(text) and _only_names(LINK.sub(" ", text)):
        return "solo_enlace"
    data = [one for one in find(text) if one.kind in BARE_DATA]
    rest = text
    for one in reversed(data):
        rest = rest[: one.start] + " " + rest[one.end :]
    return "solo_datos" if data and _only_names(rest) else ""


def has_word(text: str) -> bool:
    """Returns whether the text has a letter or a digit."""
    return any(char.isalnum() for char in text)


def mood_of(text: str) -> str:
    """Returns GLAD or UPSET for a text without words whose emojis show that mood; '' for any other text.

    A text with emojis of both moods is UPSET.
    """
    if has_word(text):
        return ""
    return next((mood for mood in (UPSET, GLAD) if not set(area("agency")["emojis"][mood]).isdisjoint(text)), "")


def _only_names(rest: str) -> bool:
    return _naming().issuperset(plain(rest).split())


@cache
def _naming() -> frozenset[str]:
    return frozenset(read_yaml_file(_FILE)["nombran"])
