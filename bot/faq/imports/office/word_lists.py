"""Finds the questions among the paragraphs and numbered lists of a Word document.

Clerks number their questions with Word's own lists, which keep the number out of the text, and write only the closing
question mark, or none: «Como pido hora?», «Que días viene el dentista».
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from bot.faq.imports.office.titles import BEGINS
from bot.text.normalize import plain

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WRITTEN = {f"{WORD}t": "", f"{WORD}noBreakHyphen": "-"}  # elements with words, and the words of those without a text
OPENED = 8  # maximum number of characters before the «¿» of a question, such as its number
LEAST_ASKING = 2  # minimum number of questions of a list whose other items may ask, too
ASKS = re.compile(r"[^?]{3,240}\?$")
MARKED = re.compile(r"¿[^?]{3,240}\?")
NUMBER = re.compile(r"\(?\d{1,3}\s*[.)°º:-]+\s*(?=\D)")
# A full stop ends a sentence before a capital, and not after an abbreviation («Av. Matta»).
SENTENCE_ENDS = re.compile(r"\w{4,}\.\s+(?=[A-ZÁÉÍÓÚÑ])|[;:!…]\s")
MAY_ASK = '<ul data-may-ask="">'  # of an item of a list of questions that has no question mark itself
NAMES = ("title", "titulo", "ttulo")  # styles of the document's own title
HEADINGS = ("heading", *NAMES)  # beginnings of the names of the styles of headings
NO_LIST = "0"
Level = tuple[str, str]


@dataclass(frozen=True)
class Manner:
    """How a document asks: the levels of lists of which several items ask, its title, and whether it writes «¿…?».

    If it does, a question without «¿» may be part of an answer.
    """

    asking: frozenset[Level]
    title: Element | None
    marks: bool

    def frame(self, paragraph: Element) -> str:
        """Returns the HTML around a paragraph: of the title, a question or heading, an item, or a text."""
        if paragraph is self.title:
            return "<h3>{}</h3>"
        words, level = words_of(paragraph), level_of(paragraph)
        asked = asks(words) and not (self.marks and _lacks_mark(paragraph))
        if asked or _style_of(paragraph).startswith(HEADINGS):
            return "<h4>{}</h4>"
        if level is None:
            return "<p>{}</p>"
        may_ask = level in self.asking and BEGINS.match(plain(words))
        return f"{MAY_ASK if may_ask else '<ul>'}<li>{{}}</li></ul>"


def manner_of(body: Element) -> Manner:
    """Returns how a document asks; a list asks of which at least LEAST_ASKING items are questions."""
    counts = Counter(_asking(body))
    levels = frozenset(level for level, count in counts.items() if count >= LEAST_ASKING)
    return Manner(levels, _title_of(body), any(MARKED.search(words_of(one)) for one in body.iter(f"{WORD}p")))


def words_of(paragraph: Element) -> str:
    """Returns the words of a paragraph, wherever they are, but not those that a tracked change moved away."""
    return "".join(_words(paragraph)).strip()


def _words(parent: Element) -> Iterator[str]:
    waiting = [parent]  # no recursion, since a file may be nested thousands of levels deep
    while waiting:
        one = waiting.pop()
        if one.tag in WRITTEN:
            yield WRITTEN[one.tag] or one.text or ""
        elif one.tag != f"{WORD}moveFrom":
            waiting += reversed(one)


def _style_of(paragraph: Element) -> str:
    style = paragraph.find(f"{WORD}pPr/{WORD}pStyle")
    return plain(str(style.get(f"{WORD}val"))) if style is not None else ""


def _title_of(body: Element) -> Element | None:
    """Returns the document's title: the first paragraph with words, if no other one has the style of a title."""
    written = [one for one in body.iter(f"{WORD}p") if words_of(one)]
    titles = [one for one in written if _style_of(one) in NAMES]
    return titles[0] if titles and titles == written[:1] else None


def asks(words: str) -> bool:
    """Returns whether a paragraph is a question: it ends with «?», and begins with «¿» or is a single sentence."""
    if not words.endswith("?"):
        return False
    if "¿" in words:
        return "¿" in words[:OPENED]
    bare = NUMBER.sub("", words, count=1)
    return bool(ASKS.match(bare)) and not SENTENCE_ENDS.search(bare)


def _lacks_mark(paragraph: Element) -> bool:
    """Returns whether a question has no «¿», and is neither numbered nor an item of a list."""
    words = words_of(paragraph)
    return asks(words) and "¿" not in words and not NUMBER.match(words) and level_of(paragraph) is None


def level_of(paragraph: Element) -> Level | None:
    """Returns the list of a paragraph and its level there; None if it is no item."""
    numbering = paragraph.find(f"{WORD}pPr/{WORD}numPr")
    if numbering is None:
        return None
    number, level = (_value(numbering, name) for name in ("numId", "ilvl"))
    return None if number == NO_LIST else (number, level)


def _asking(body: Element) -> Iterator[Level]:
    for paragraph in body.iter(f"{WORD}p"):
        level = level_of(paragraph)
        if level is not None and asks(words_of(paragraph)):
            yield level


def _value(parent: Element, name: str) -> str:
    found = parent.find(f"{WORD}{name}")
    return str(found.get(f"{WORD}val")) if found is not None else "0"
