"""Recognizes a message of somebody who lately lost a person or an animal; the words are ``duelo`` of agency.yml."""

from __future__ import annotations

import re
from functools import cache

from bot.core.texts import area
from bot.text.normalize import plain

YEAR = r"(?:19|20)\d\d|el \d\d"  # of a death long ago
READ_CHARACTERS = 400  # of a text: who lost somebody says so at once


def mourns(text: str) -> bool:
    """Returns whether the text tells of the death of a relative, a friend or an animal, and of no death long ago."""
    words, (told, long_ago) = plain(text[:READ_CHARACTERS]), _patterns()
    return told.search(words) is not None and long_ago.search(words) is None


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    known = area("agency")["duelo"]
    parts = ("murio", "quien", "animal", "de_quien", "entremedio", "hace_tiempo")
    died, who, animal, whose, between, long_ago = ("|".join(known[part]) for part in parts)
    gap, after = rf"(?:(?:{between}) ){{0,3}}", "(?:me |nos |se |ya |recien |que ){0,3}"
    somebody = rf"(?:{whose}) {gap}(?:{who}|{animal})"
    told = rf"\b(?:(?:{died}) {gap}{somebody}|{somebody} {after}(?:{died}))\b"
    return re.compile(told), re.compile(rf"\b(?:{long_ago}|{YEAR})\b")
