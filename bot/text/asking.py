"""Recognizes a question by its marks or its first word, as people write it: «y donde la devuelvo entonces»."""

from __future__ import annotations

import re

from bot.core.texts import area
from bot.text.normalize import plain

QUESTION_MARKS = frozenset("¿?")
CLAUSE_ENDS = re.compile(r"[.,;:!\n]+")


def begins_asking(text: str) -> bool:
    """Returns whether the first word of the text, after «y» or «pero», is one that questions begin with."""
    words, texts = plain(text).split(), area("agency")
    going_on = texts["sigue_la_pregunta"]
    first = next((word for word in words if word not in going_on), "")
    return first in texts["empieza_preguntando"]


def asks(text: str) -> bool:
    """Returns whether the text has a question mark, or a clause that begins as a question does."""
    return not QUESTION_MARKS.isdisjoint(text) or any(map(begins_asking, CLAUSE_ENDS.split(text)))
