"""Splits an answer into passages of plain text, which help to recognize an entry that has few variants.

A citizen may describe a situation with words that occur only in the answer. Each sentence is a separate passage: one
vector for a whole paragraph hides what its sentences say.
"""

from __future__ import annotations

import re

from bot.faq.entries.entry import Entry

MIN_WORDS = 5  # words of a paragraph or list that is used
SHORT = 4  # a sentence with fewer words joins the one before or after it
MAX_CHARS = 400
BLANK_LINE = re.compile(r"\n\s*\n")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
MARKS = re.compile(r"[*_`#>|]|^[^\S\n]*(?:[-+]|\d+[.)])\s+", re.MULTILINE)
SPACED_SIGN = re.compile(r" ([.,;:!?)])")  # as after a bold word
SENTENCE_END = re.compile(r"(?<=[.!?;:])\s+")


def passages(entry: Entry) -> tuple[str, ...]:
    """Returns the sentences of the answer, as plain text cut to MAX_CHARS; omits paragraphs of fewer than MIN_WORDS."""
    return _passages(entry.body)


def first_sentence(body: str) -> str:
    """Returns the first sentence of an answer's Markdown, as plain text; '' if it has none."""
    return SPACED_SIGN.sub(r"\1", next(iter(_passages(body)), "")).rstrip(":;")


def _passages(body: str) -> tuple[str, ...]:
    paragraphs = (" ".join(MARKS.sub(" ", LINK.sub(r"\1", piece)).split()) for piece in BLANK_LINE.split(body))
    used = (paragraph for paragraph in paragraphs if len(paragraph.split()) >= MIN_WORDS)
    return tuple(dict.fromkeys(sentence[:MAX_CHARS] for paragraph in used for sentence in _sentences(paragraph)))


def _sentences(paragraph: str) -> list[str]:
    """Splits a paragraph after each ``. ! ? ; :`` and joins SHORT pieces with their neighbour."""
    found: list[str] = []
    for piece in SENTENCE_END.split(paragraph):
        if found and min(len(piece.split()), len(found[-1].split())) < SHORT:
            found[-1] += f" {piece}"
        else:
            found.append(piece)
    return found
