"""Finds what a citizen wants: their latest message that is more than a greeting, a courtesy or a call for a person.

The title of a button that says nothing about the matter («Sí, de acuerdo») does not count, whether clicked or typed.
These titles are read from the texts of the agency and of bot/core/texts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from bot.agency.citizen_texts import BUTTONS
from bot.agency.model import Agency
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.core.texts import area
from bot.core.yaml import read_yaml_file
from bot.text.complaint import complaint_words, says_complaint
from bot.text.masking.masking import MASK
from bot.text.normalize import phonetic

NO_TITLES: frozenset[str] = frozenset()
PLACEHOLDER = re.compile(r"{\w+}")
MEANS = "medios"  # the group of matter.yml with the words of telephones
WORDS = Path(__file__).with_name("matter.yml")


def matter_of(events: Sequence[Event], summary: str, titles: frozenset[str] = NO_TITLES) -> str:
    """Returns the citizen's latest words that say what they want, among ``events`` (oldest first).

    Returns '' if there is no text. If no event has such words, tries ``summary`` (the citizen's words before the
    handoff), then their latest words of any kind. ``titles`` as in ``states_matter``.
    """
    texts = [one.text for one in reversed(events) if one.kind is EventKind.MESSAGE and one.author is Author.CITIZEN]
    written = [text for text in (*texts, summary) if text.strip()]
    return next((text for text in written if states_matter(text, titles)), written[0] if written else "")


def states_matter(text: str, titles: frozenset[str] = NO_TITLES) -> bool:
    """Returns whether a message says what the citizen wants.

    Returns False for «hola», «gracias», «sí», «una persona», numbers alone, contacts, which are masked, and the
    ``titles`` of buttons (``button_titles``).
    """
    compared = _compared(" ".join(word for word in text.split() if MASK not in word))
    words = compared.split()
    return compared not in titles and not _empty_words(words).issuperset(words)


def button_titles(agency: Agency) -> frozenset[str]:
    """Returns the folded titles of all buttons that say nothing about the matter, and denials of an emergency.

    Else «estoy bien» would hide the words about the danger.
    """
    rights, channels, languages = (area(name) for name in ("derechos", "canales", "idiomas"))
    found = [agency.say(key) for key in BUTTONS]
    survey = channels["opinion"]
    found += [*rights["botones"].values(), *channels["util"]["titulos"].values(), *survey["notas"].values()]
    found += [survey[key] for key in ("comentar", "nada", "persona")]
    found += [title for words in languages.values() for title in words.get("botones", {}).values()]
    found += [languages["es"]["seguir"], *area("agency")["sin_emergencia"]["frases"]]
    return frozenset(map(_title, found))


@cache
def _title(text: str) -> str:
    """Folds a button's title as ``_compared`` does; kept, unlike citizens' words."""
    return _compared(text)


def _compared(text: str) -> str:
    """Folds a text by its sound and drops numbers, which differ in titles such as «Ver todo (3)».

    A number alone does not name the matter.
    """
    return " ".join(word for word in phonetic(PLACEHOLDER.sub("", text)).split() if not word.isdigit())


def asks_for_somebody(text: str) -> bool:
    """Returns whether a message asks for a person or complains without saying why: «quiero poner un reclamo»."""
    named = _words("personas") | complaint_words("reclamos")
    return not (states_matter(text) or named.isdisjoint(phonetic(text).split()))


def names_contact(text: str) -> bool:
    """Returns whether a message has a word of a person or of talking to one: «alguien», «hablar», «llamen»."""
    return not _words("personas", "hablar", "atender").isdisjoint(phonetic(text).split())


def asks_to_reach_somebody(text: str) -> bool:
    """Returns whether a message only asks to talk to a person, in whatever words: «hablar con un ser humano».

    Returns False for a message that complains or has only words of attending: «la atención del personal».
    """
    words = set(phonetic(text).split())
    reaches = not words.isdisjoint(_words("hablar")) and not words.isdisjoint(_words("personas"))
    return reaches and "no" not in words and not says_complaint(text) and not states_matter(text)


def _empty_words(words: Sequence[str]) -> frozenset[str]:
    """Returns the folded words that say nothing about the matter beside ``words``.

    A telephone does so only beside a word of talking: «el teléfono de un funcionario» asks for a number.
    """
    talks = not _words("hablar").isdisjoint(words)
    return _words(*(group for group in _groups() if talks or group != MEANS)) | complaint_words()


@cache
def _words(*groups: str) -> frozenset[str]:
    return frozenset(part for group in groups for word in _groups()[group] for part in phonetic(word).split())


@cache
def _groups() -> dict[str, list[str]]:
    groups: dict[str, list[str]] = read_yaml_file(WORDS)
    return groups
