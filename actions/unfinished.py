"""Recognizes a message that only begins to tell something («mi mamá»), or that tells something and asks nothing."""

from __future__ import annotations

from bot.core.texts import area
from bot.faq.answering.follow_up import own_stems
from bot.faq.words.wording import only_tells
from bot.text.normalize import plain

MAX_WORDS = 4


def is_unfinished(text: str) -> bool:
    """Returns whether the text has at most MAX_WORDS words, asks nothing and begins like a story."""
    words = plain(text).split()
    begins = bool(words) and words[0] in area("agency")["empieza_a_contar"]
    return begins and len(words) <= MAX_WORDS and "?" not in text


def asks_nothing(text: str) -> bool:
    """Returns whether the text only begins to tell something, or tells it and asks nothing."""
    return is_unfinished(text) or only_tells(text)


def only_names_somebody(text: str) -> bool:
    """Returns whether an unfinished text only names somebody («mi mamá»), so that choices would be guesses."""
    return is_unfinished(text) and own_stems(text) <= own_stems(" ".join(area("agency")["de_quien_se_cuenta"]))
