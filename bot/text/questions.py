"""Recognizes the words of a question, from the one list ``interrogativas`` of bot/core/texts/agency.yml.

Each use takes the parts of the list that fit it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import dropwhile

from bot.core.texts import area
from bot.text.normalize import plain

QUESTION_MARKS = frozenset("¿?")
CLAUSE_ENDS = re.compile(r"[.,;:!\n]+")
ANYWHERE, FIRST, ALSO_TELLS, WISHES = "siempre", "al_comienzo", "tambien_cuenta", "deseos"


def asks(text: str) -> bool:
    """Returns whether the text has a question mark, or a clause that begins as a question does."""
    clauses = CLAUSE_ENDS.split(text)
    return not QUESTION_MARKS.isdisjoint(text) or any(begins_asking(plain(one).split()) for one in clauses)


def asks_or_wishes(words: Sequence[str]) -> bool:
    """Returns whether any of the words, in lower case and without accents, asks or wishes for something."""
    return not _words(ANYWHERE, WISHES).isdisjoint(words)


def begins_asking(words: Sequence[str], *, tells: bool = False) -> bool:
    """Returns whether questions begin with the first of the words, in lower case and without accents.

    «y» and the like before it do not count. With ``tells``, «hay» does not count, since the text may tell something
    («hay un error»).
    """
    going_on = frozenset(area("agency")["sigue_la_pregunta"])
    first = next(dropwhile(going_on.__contains__, words), "")
    return first in _words(ANYWHERE, FIRST, *(() if tells else (ALSO_TELLS,)))


def _words(*parts: str) -> frozenset[str]:
    known = area("agency")["interrogativas"]
    return frozenset(word for part in parts for word in known[part])
