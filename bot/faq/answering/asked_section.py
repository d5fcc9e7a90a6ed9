"""Finds the sections of an answer for which a follow-up such as «¿y cuánto sale?» surely asks.

It is sure only if the words that ask for sections (bot/faq/entries/sections.yml), fillers and the words of the entry's
question make up the whole message, and if the entry has each section asked for. Words are compared as they sound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from bot.faq.entries.sections import Parts, Section, Words, fillers, kinds, parts_of
from bot.faq.words.keywords import content_stems
from bot.text.normalize import phonetic, plain

MAX_SECTIONS = 2  # whoever asks for more gets the whole answer


def asked_sections(text: str, question: str, body: str) -> tuple[Section, ...]:
    """Returns the sections of an entry's ``body`` that the message asks for; () if that is not sure.

    ``question`` is the entry's question.
    """
    asked, rest = _split(tuple(phonetic(text).split()))
    if not asked or not _is_said_already(rest, text, question):
        return ()
    parts = parts_of(body)
    found = [_sections(parts, names) for names in asked]
    if not all(found):
        return ()
    wanted = {section for sections in found for section in sections}
    return tuple(one for one in parts.sections if one in wanted) if len(wanted) <= MAX_SECTIONS else ()


def _split(words: Words) -> tuple[list[tuple[str, ...]], list[str]]:
    """Splits a message into the kinds of each phrase that asks for a section, and the other words."""
    asked: list[tuple[str, ...]] = []
    rest: list[str] = []
    while words:
        phrase = next(_phrases_at(words), ())
        if phrase:
            asked.append(_questions()[phrase])
        else:
            rest.append(words[0])
        words = words[len(phrase) or 1 :]
    return asked, rest


def _phrases_at(words: Words) -> Iterator[Words]:
    """Yields the phrases with which the words begin, longest first."""
    longest = min(_longest(), len(words))
    return (words[:length] for length in range(longest, 0, -1) if words[:length] in _questions())


def _is_said_already(rest: Sequence[str], text: str, question: str) -> bool:
    """Tells whether the other words are fillers or words of the entry's question."""
    known = {*fillers(), *phonetic(question).split()}
    new = {word for word in rest if word not in known}
    if not new:
        return True
    spelled = [word for word in plain(text).split() if phonetic(word) in new]
    about = content_stems(question)
    # A word without a content stem, such as «cuándo», asks for something that no phrase covers.
    return len(spelled) >= len(new) and all(frozenset() < content_stems(word) <= about for word in spelled)


def _sections(parts: Parts, names: tuple[str, ...]) -> tuple[Section, ...]:
    """Returns the sections of the kinds ``names``; if there are none, those of the kinds that replace them."""
    found = tuple(one for name in names for one in parts.of_kind(name))
    if found:
        return found
    instead = dict.fromkeys(other for name in names for other in kinds()[name].instead)
    return next(filter(None, map(parts.of_kind, instead)), ())


@cache
def _questions() -> Mapping[Words, tuple[str, ...]]:
    """Maps each phrase, folded by sound, to the kinds of section that it asks for."""
    found: defaultdict[Words, list[str]] = defaultdict(list)
    for name, kind in kinds().items():
        for phrase in kind.questions:
            found[tuple(phonetic(phrase).split())].append(name)
    return {phrase: tuple(dict.fromkeys(names)) for phrase, names in found.items()}


@cache
def _longest() -> int:
    return max(map(len, _questions()))
