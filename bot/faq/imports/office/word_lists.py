"""Finds the questions among the paragraphs and numbered lists of a Word document.

Clerks number their questions with Word's own lists, which keep the number out of the text, and write only the closing
question mark, or none: «Como pido hora?», «Que días viene el dentista».
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from bot.text.normalize import plain

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
OPENED = 8  # maximum number of characters before the «¿» of a question, such as its number
LEAST_ASKING = 2  # minimum number of questions of a list whose other items may ask, too
ASKS = re.compile(r"[^?]{3,240}\?$")
SENTENCE_ENDS = re.compile(r"[.;:!…]\s")
NAMES = ("title", "titulo", "ttulo")  # styles of the document's own title
NO_LIST = "0"
Level = tuple[str, str]


def words_of(paragraph: Element) -> str:
    return "".join(one.text or "" for one in paragraph.iter(f"{WORD}t")).strip()


def style_of(paragraph: Element) -> str:
    style = paragraph.find(f"{WORD}pPr/{WORD}pStyle")
    return plain(str(style.get(f"{WORD}val"))) if style is not None else ""


def title_of(body: Element) -> Element | None:
    """Returns the document's title: the first paragraph with words, if no other one has the style of a title."""
    written = [one for one in body.iter(f"{WORD}p") if words_of(one)]
    titles = [one for one in written if style_of(one) in NAMES]
    return titles[0] if titles and titles == written[:1] else None


def asks(words: str) -> bool:
    """Returns whether a paragraph is a question: it ends with «?», and begins with «¿» or is a single sentence."""
    if not words.endswith("?"):
        return False
    return "¿" in words[:OPENED] or ("¿" not in words and bool(ASKS.match(words)) and not SENTENCE_ENDS.search(words))


def level_of(paragraph: Element) -> Level | None:
    """Returns the list of a paragraph and its level there; None if it is no item."""
    numbering = paragraph.find(f"{WORD}pPr/{WORD}numPr")
    if numbering is None:
        return None
    number, level = (_value(numbering, name) for name in ("numId", "ilvl"))
    return None if number == NO_LIST else (number, level)


def asking_levels(body: Element) -> frozenset[Level]:
    """Returns the levels of lists of which at least LEAST_ASKING items are questions."""
    counts = Counter(_asking(body))
    return frozenset(level for level, count in counts.items() if count >= LEAST_ASKING)


def _asking(body: Element) -> Iterator[Level]:
    for paragraph in body.iter(f"{WORD}p"):
        level = level_of(paragraph)
        if level is not None and asks(words_of(paragraph)):
            yield level


def _value(parent: Element, name: str) -> str:
    found = parent.find(f"{WORD}{name}")
    return str(found.get(f"{WORD}val")) if found is not None else "0"
