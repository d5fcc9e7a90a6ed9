"""Recognizes the words of a question, from the one list ``interrogativas`` of bot/core/texts/agency.yml.

Each use takes the parts of the list that fit it. Question marks are the callers' concern.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.texts import area

ANYWHERE, FIRST, ALSO_TELLS, WISHES = "siempre", "al_comienzo", "tambien_cuenta", "deseos"


def asks_or_wishes(words: Sequence[str]) -> bool:
    """Returns whether any of the words, in lower case and without accents, asks or wishes for something."""
    return not _words(ANYWHERE, WISHES).isdisjoint(words)


def begins_asking(words: Sequence[str], *, tells: bool = False) -> bool:
    """Returns whether questions begin with the first of the words, in lower case and without accents.

    With ``tells``, «hay» does not count, since the text may tell something («hay un error»).
    """
    return bool(words) and words[0] in _words(ANYWHERE, FIRST, *(() if tells else (ALSO_TELLS,)))


def _words(*parts: str) -> frozenset[str]:
    known = area("agency")["interrogativas"]
    return frozenset(word for part in parts for word in known[part])
