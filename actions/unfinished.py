"""Recognizes a message that only begins to tell something («mi mamá»), or that tells and asks nothing."""

from __future__ import annotations

from bot.core.texts import area
from bot.faq.answering.follow_up import own_stems
from bot.text.normalize import plain
from bot.text.questions import asks, asks_or_wishes

MAX_WORDS = 4
MOST_TOLD = 8  # words of a text that tells something and asks nothing


def is_unfinished(text: str) -> bool:
    """Returns whether the text has at most MAX_WORDS words, asks nothing and begins like a story."""
    words = plain(text).split()
    begins = bool(words) and words[0] in area("agency")["empieza_a_contar"]
    return begins and len(words) <= MAX_WORDS and "?" not in text


def only_tells(text: str) -> bool:
    """Returns whether the text only tells something, and asks or wishes for nothing: «mi perro mordió al cartero».

    It has at most MOST_TOLD words. If no entry answers it, what the citizen wants to know is not said.
    """
    words, known = plain(text).split(), area("agency")["solo_cuenta"]
    if not own_stems(text) or len(words) > MOST_TOLD or asks(text) or asks_or_wishes(words):
        return False
    ends = tuple(known["terminos"])
    tells = any(word.endswith(ends) for word in text.lower().split()) or not set(known["verbos"]).isdisjoint(words)
    return words[0] in known["empieza"] or (words[0] in known["de_quien"] and tells)


def only_names_somebody(text: str) -> bool:
    """Returns whether an unfinished text only names somebody («mi mamá»), so that choices would be guesses."""
    return is_unfinished(text) and own_stems(text) <= own_stems(" ".join(area("agency")["de_quien_se_cuenta"]))
