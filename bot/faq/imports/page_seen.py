"""Reads what people see of each element of a web page: its words, whether they are bold, and the heading within."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement, PreformattedString

HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
MOST_LETTERS = 250
# Elements that do not separate a word from its neighbours.
WITHIN_A_LINE = {"a", "abbr", "b", "big", "del", "em", "font", "i", "ins", "mark", "s", "small", "span", "strong", "u"}


@dataclass(frozen=True)
class Seen:
    """What people see of an element: its words, "" if they have more than MOST_LETTERS letters.

    ``bold`` is true if all of them are bold; ``heading`` is the highest heading within, such as h2. ``opens`` and
    ``closes`` are true if a space, a line end or a block separates its words from those before and after it.
    """

    words: str = ""
    letters: int = 0
    bold: bool = True
    heading: str = ""
    opens: bool = True
    closes: bool = True


GAP = Seen()


def seen_of(page: BeautifulSoup) -> dict[int, Seen]:
    """Returns a Seen for each element, keyed by the element's ``id()``; reads every element once, inner ones first."""
    seen: dict[int, Seen] = {}
    for element in [*reversed(page.find_all(True)), page]:
        ends = [one for child in element.children if (one := part_of(child, seen)) is not None]
        parts = [one for one in ends if one is not GAP]
        letters = sum(one.letters for one in parts)
        few = len(parts) == 1 or letters <= MOST_LETTERS
        headings = [one.heading for one in parts if one.heading]
        is_inline = element.name in WITHIN_A_LINE
        seen[id(element)] = Seen(
            _joined(ends) if few else "",
            letters,
            element.name in {"strong", "b"} or all(one.bold for one in parts),
            element.name if element.name in HEADINGS else min(headings, default=""),
            opens=not is_inline or bool(ends and ends[0].opens),
            closes=not is_inline or bool(ends and ends[-1].closes),
        )
    return seen


def _joined(parts: Sequence[Seen]) -> str:
    """Joins the words of adjacent parts: with a space, unless they touch like the halves of «bole<b>tería</b>»."""
    text, touches = "", False
    for one in parts:
        if one.words:
            text += one.words if not text or (touches and not one.opens and one.words[0] != "¿") else f" {one.words}"
        touches = not one.closes
    return text


def part_of(child: PageElement, seen: Mapping[int, Seen]) -> Seen | None:
    """Returns the Seen of a child node: GAP for an empty line or block, None if the child shows nothing at all."""
    if isinstance(child, Tag):
        inner = seen[id(child)]
        if inner.letters or inner.heading:
            return inner
        return None if child.name in WITHIN_A_LINE and not inner.opens else GAP
    if not isinstance(child, NavigableString) or isinstance(child, PreformattedString):
        return None
    if not child.strip():
        return GAP if child else None
    words, letters = " ".join(child.split()), len(child.strip())
    shown = words if letters <= MOST_LETTERS else ""
    return Seen(shown, letters, bold=False, opens=child[0].isspace(), closes=child[-1].isspace())
