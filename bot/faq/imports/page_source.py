"""Parses the HTML of a saved page, of which nothing is known, in a time that grows no faster than its size.

The parser of the standard library searches to the end of the text for each element or comment that nobody closes.
Those are therefore made text first, and a page of too many elements is refused. The elements of
Office files are counted here, too.
"""

from __future__ import annotations

import re
from contextlib import suppress
from xml.parsers.expat import ExpatError, ParserCreate

from bs4 import BeautifulSoup

MOST_ELEMENTS = 20_000  # saved pages of offices have some thousands; this many take up to 7 s
MOST_XML_ELEMENTS = 800_000  # such as 20,000 rows of 12 cells; as cells of one row, they take 11 s and 550 MB
ELEMENT = re.compile(r"<[a-zA-Z]")
SECTION = re.compile(r"<!\[[^<>-]*>?")  # «<![endif]», which Word writes and the parser may reject


class _Begun(Exception):
    """The first element of an XML document begins, so that no document type can follow."""


def parsed(html: str) -> BeautifulSoup | None:
    """Returns the page; None if it has more than MOST_ELEMENTS elements."""
    if sum(1 for _ in ELEMENT.finditer(html)) > MOST_ELEMENTS:
        return None
    html = SECTION.sub("", html)
    html = _closed(html, "<!--", "-->")
    return BeautifulSoup(_closed(html, "<", ">"), "html.parser")


def xml_elements(part: bytes) -> int:
    """Returns about how many elements a part of an Office file has: one of five bytes becomes an object of hundreds.

    Raises ValueError for XML with a document type, which no program writes there: it may define entities, and a few
    bytes that name one of them become millions of elements.
    """
    if _has_document_type(part):
        raise ValueError("document type")
    return part.count(b"<") - part.count(b"</")


def _has_document_type(part: bytes) -> bool:
    """Returns whether ``part`` is XML with a document type; reads no further than to its first element."""
    found: list[str] = []

    def begin(*_: object) -> None:
        raise _Begun

    parser = ParserCreate()
    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = lambda name, *_: found.append(name)
    with suppress(_Begun, ExpatError, ValueError, LookupError):  # a picture, or an encoding that no reader knows
        parser.Parse(part, True)
    return bool(found)


def _closed(html: str, begin: str, end: str) -> str:
    """Returns ``html`` with each ``begin`` as text that has no ``end`` behind it."""
    last = html.rfind(end) + 1
    return html[:last] + html[last:].replace(begin, begin.replace("<", "&lt;"))
