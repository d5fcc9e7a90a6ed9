"""Finds the closing words of a letter («Saludos, Marta») in a document of an office.

A closing is a whole line. A sentence that only begins like one («Atentamente los esperamos») belongs to the answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

WORDS = re.compile(r"<[^>]*>")  # the tags of a document's blocks
BOLD_ONLY = re.compile(r"<p>\s*<b>[^<]*</b>\s*</p>$")
LAST = 3  # number of paragraphs at the end of which one may be the closing
MOST_CLOSING = 60  # maximum length of such a paragraph
NAME = r"[A-ZÁÉÍÓÚÑ][\w.'-]*(?:\s+(?:(?:de|del|la|las|los|y)\s+)*[A-ZÁÉÍÓÚÑ][\w.'-]*)*"
CLOSING = re.compile(
    r"(?:(?i:(?:muchos |con )?saludos(?: (?:cordiales|atentos|afectuosos|a tod[oa]s))?"
    r"|(?:(?:se despide|la saluda|lo saluda|les saluda|le saluda) )?(?:muy )?(?:atentamente|atte|cordialmente)"
    rf"|(?:muchas )?gracias)[\s.,:;!–-]*(?:{NAME}[\s.,]*)*|(?i:enviado desde (?:mi|el|outlook|yahoo|gmail)\b).*)$"
)


def is_closing(line: str) -> bool:
    """Returns whether a line is the closing of a letter, alone or with a name."""
    return len(line) <= MOST_CLOSING and bool(CLOSING.match(line))


def without_closing(html: list[str]) -> list[str]:
    """Leaves out the closing among the last paragraphs of a document, and what follows it.

    Leaves everything if a question, heading, list or table follows, or if the closing is the first text below a title.
    """
    places = [place for place, one in enumerate(html) if _words(one)]
    for number, place in enumerate(places[-LAST:], start=max(len(places) - LAST, 0)):
        above = html[places[number - 1]] if number else ""
        if is_closing(_words(html[place])) and not _may_ask(above) and _is_signature(html[place + 1 :]):
            return html[:place]
    return html


def _words(html: str) -> str:
    return " ".join(unescape(WORDS.sub(" ", html)).split())


def _may_ask(html: str) -> bool:
    return not html or html.startswith("<h") or bool(BOLD_ONLY.match(html)) or _words(html).endswith("?")


def _is_signature(html: Sequence[str]) -> bool:
    """Returns whether blocks are only lines without a question, of which a bold one is no title above a sentence."""
    has_title = any(BOLD_ONLY.match(one) for one in html) and any(_words(one).endswith(".") for one in html)
    return not has_title and all(one.startswith("<p>") and not _words(one).endswith("?") for one in html)
