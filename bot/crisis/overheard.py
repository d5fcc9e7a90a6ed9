"""Recognizes that a citizen cannot call or speak: a dangerous person is near, people listen, or credit is lacking.

The words are ``no_puede_hablar`` of bot/core/texts/agency.yml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.core.texts import area
from bot.text.normalize import plain

HE = re.compile(r"\bél\b", re.IGNORECASE)  # with its accent; without, it is an article
BY_SOMEBODY = {"violencia", "ninez", "delito"}  # kinds of danger in which the person who does harm may hear a call
CANNOT_SPEAK, HEARD, BESIDE, NEAR, CLOSE, HARM, HARMLESS = (
    "no_habla",
    "lo_oyen",
    "al_lado",
    "cerca",
    "cercanos",
    "le_hacen",
    "sin_peligro",
)


def cannot_speak(text: str) -> bool:
    """Returns whether the text says that the citizen cannot call, as when somebody listens."""
    return _tells(text, "frases")


def lacks_credit(text: str) -> bool:
    """Returns whether the text says that the citizen has no credit for a call, but not that somebody listens."""
    return _tells(text, "sin_saldo") and not _tells(text, HEARD)


def is_overheard(text: str) -> bool:
    """Returns whether the text says that the citizen cannot speak and that somebody who may do harm listens or is near.

    Colleagues or people on a bus who listen are no danger, unless the text also names somebody close, or a danger. If
    the citizen is among people, harm counts even if the text does not say that somebody listens: «no puedo hablar, un
    colega me sigue».
    """
    if not _tells(text, CANNOT_SPEAK):
        return False
    names_somebody = _names_somebody(text)
    among_people = _tells(text, HARMLESS)
    is_near = _tells(text, HEARD) or _tells(text, BESIDE) or (names_somebody and _tells(text, NEAR))
    if among_people:
        return _tells(text, HARM) or (is_near and names_somebody)
    return is_near


def is_among_people(text: str) -> bool:
    """Returns whether the citizen cannot speak among people, and names neither somebody close nor a danger."""
    return _tells(text, CANNOT_SPEAK) and _tells(text, HARMLESS) and not _names_somebody(text)


def without_listeners(text: str) -> str:
    """Returns the text's words, normalized, without its phrases about not speaking and about people who listen."""
    return _words(text, (CANNOT_SPEAK, HEARD, BESIDE, NEAR, HARMLESS)).strip()


def _names_somebody(text: str) -> bool:
    """Returns whether the text names somebody who may do harm, or harm itself."""
    return bool(HE.search(text)) or _tells(text, CLOSE, without=(HARMLESS,)) or _tells(text, HARM)


def _tells(text: str, key: str, without: Sequence[str] = ()) -> bool:
    """Returns whether the text has one of the phrases ``key``.

    First leaves out of the text the phrases that nobody hears («nadie me escucha») or that the line is bad, and those
    of the keys ``without``.
    """
    words = _words(text, ("nadie_oye", "se_oye_mal", *without))
    return any(f" {one} " in words for one in area("agency")["no_puede_hablar"][key])


def _words(text: str, without: Sequence[str]) -> str:
    """Returns the words of the text, with spaces around, without the phrases of the keys ``without``."""
    words, known = f" {plain(text).replace('ñ', 'n')} ", area("agency")["no_puede_hablar"]
    for phrase in sorted((one for key in without for one in known[key]), key=len, reverse=True):
        words = words.replace(f" {phrase} ", " ")
    return words
