"""Decides which titles of an office's document ask something although they have no question mark.

Clerks write «Venta de hielo» or «Cuánto pesa un camión» in bold or as a heading, and the answer below. Such a title
counts as a question if it begins like one, or if most titles of the document look like it; titles of a part of an
answer («Costo») never do.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

from bot.faq.entries.sections import names_part
from bot.faq.imports.sheet_problem import SheetFound
from bot.text.normalize import plain

MOST_LETTERS = 100
MOST_PART_WORDS = 3  # a longer title does not name only a part of an answer: «Cuánto cuesta el pase de un camión»
LEAST_TITLES = 2  # a single title without a question mark may be the name of the document
BEGINS = re.compile(
    r"(?:(?:a|de|en|por|con|para|hasta|desde) )?(?:quien(?:es)?|que|cual(?:es)?|cuant[oa]s?|como|a?donde|cuando)\b"
    r"|(?:se )?pued[eo]n?\b|(?:yo )?necesito\b|tengo que\b|hay que\b"
)
NAMES_DOCUMENT = re.compile(r"(?:preguntas|consultas|manual|instructivo|guia|documento|faq)\b")
GREETS = re.compile(r"(?:hola|estimad[oa]s?|buen[oa]s|querid[oa]s?|senor(?:a|es)?|junto con)\b")
ENDS = (".", ":", ";", ",", "!", "?")


@dataclass(frozen=True)
class Block:
    """A line or paragraph of a document: its words, whether it asks with a question mark, and looks like a title.

    ``is_heading`` is true for a title that the document itself marks as a heading.
    """

    words: str
    asks: bool = False
    is_title: bool = False
    is_heading: bool = False


def may_be_title(words: str) -> bool:
    """Returns whether ``words`` are short, begin like a title, and end neither like a sentence nor like a lead."""
    if not words or len(words) > MOST_LETTERS or words.endswith(ENDS):
        return False
    return not words[0].islower() and not GREETS.match(plain(words))


def asking(blocks: Sequence[Block]) -> frozenset[int]:
    """Returns the places in ``blocks`` of the titles without a question mark that count as questions.

    A heading counts, and so does a title that a heading without a text of its own separates from the question before.
    Another title that does not begin like a question counts only if no other block asks, or if it is
    one of several of which the first comes before every question and which are at least as many.
    """
    answered = _answered(blocks)
    begin = {place for place in answered if blocks[place].is_heading or BEGINS.match(plain(blocks[place].words))}
    begin |= _below_a_section(blocks, answered, begin)
    asked = sorted(begin | {place for place, one in enumerate(blocks) if one.asks})
    rest = [place for place in answered if place not in begin]
    if len(rest) < LEAST_TITLES or (asked and (rest[0] > asked[0] or len(rest) < len(asked))):
        return frozenset(begin)
    return frozenset(answered)


def passed_over(blocks: Sequence[Block]) -> list[str]:
    """Returns the titles, each with a text below it, that come before the first question and do not count as one."""
    chosen = asking(blocks)
    first = min([*chosen, *(place for place, one in enumerate(blocks) if one.asks)], default=0)
    return [blocks[place].words for place in _answered(blocks) if place < first]


def tell_passed_over(blocks: Sequence[Block], found: SheetFound) -> None:
    """Names the titles of ``passed_over`` as left out."""
    for title in passed_over(blocks):
        found.leave_out("titulo_sin_pregunta", title)


def _below_a_section(blocks: Sequence[Block], answered: Sequence[int], begin: Container[int]) -> set[int]:
    """Returns the titles between a heading that asks nothing and the next question; they belong to no answer."""
    found: set[int] = set()
    has_begun = is_apart = False
    for place, one in enumerate(blocks):
        if one.asks or place in begin:
            has_begun, is_apart = True, False
        elif one.is_heading:
            is_apart = has_begun
        elif is_apart and place in answered:
            found.add(place)
    return found


def _answered(blocks: Sequence[Block]) -> list[int]:
    """Returns the places of the titles with a text right below; leaves out the parts of an answer, and the document."""
    answered: list[int] = []
    begun = False
    for place, (one, below) in enumerate(zip(blocks, [*blocks[1:], Block("", asks=True)], strict=True)):
        has_text = one.is_title and not one.asks and not (below.is_title or below.asks)
        if has_text and not (_names_part(one.words) if begun else NAMES_DOCUMENT.match(plain(one.words))):
            answered.append(place)
            begun = True
        begun = begun or one.asks
    return answered


def _names_part(title: str) -> bool:
    return len(title.split()) <= MOST_PART_WORDS and names_part(title)
