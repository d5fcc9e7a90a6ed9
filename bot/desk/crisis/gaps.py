"""Finds the unfilled placeholders of packs and notices, such as «[hora]», which staff fill in before publication."""

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
    """Returns the different placeholders of the texts, in order, with their brackets; a lone bracket counts, too."""
    return tuple(dict.fromkeys(gap for text in texts for gap in GAP.findall(text)))


def gaps_of(notice: Notice) -> tuple[str, ...]:
    """Returns the placeholders of a notice as Spanish text: first from its text and sectors, then from its measures.

    A placeholder of a canned reply is followed by the reply's shortcut.
    """
    measures = (
        say("avisos.hueco_de", hueco=gap, cual=f"{SHORTCUT}{one.target}") if one.kind is Kind.CANNED else gap
        for one in measures_in(notice)
        for gap in gaps_in(one.value)
    )
    return tuple(dict.fromkeys((*gaps_in(notice.text, *notice.sectors), *measures)))


def listed(gaps: Iterable[str]) -> str:
    """Returns the placeholders as a list in a sentence."""
    return ", ".join(gaps)
