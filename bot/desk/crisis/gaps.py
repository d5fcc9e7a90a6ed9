"""Finds the data that a pack leaves open, such as «[hora]», which somebody must fill in before others read it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.core.texts import say
from bot.public_notices.measures import Kind
from bot.public_notices.recorded import measures_in
from bot.record.tables import Notice

GAP = re.compile(r"\[[^\[\]\n]*\]|[\[\]]")  # also a lone bracket, of which the other was deleted
SHORTCUT = "/"


def gaps_in(*texts: str) -> tuple[str, ...]:
    """Returns the different gaps of the texts, in order, each with its brackets."""
    return tuple(dict.fromkeys(gap for text in texts for gap in GAP.findall(text)))


def gaps_of(notice: Notice) -> tuple[str, ...]:
    """Returns in words the gaps of a notice: of its text and sectors, then of its measures with what they belong to."""
    measures = (
        say("avisos.hueco_de", hueco=gap, cual=f"{SHORTCUT}{one.target}") if one.kind is Kind.CANNED else gap
        for one in measures_in(notice)
        for gap in gaps_in(one.value)
    )
    return tuple(dict.fromkeys((*gaps_in(notice.text, *notice.sectors), *measures)))


def listed(gaps: Iterable[str]) -> str:
    """Returns the gaps as a list in a sentence."""
    return ", ".join(gaps)
