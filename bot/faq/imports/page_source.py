"""Parses the HTML of a saved page from an unknown source, in a time that grows no faster than the page's size.

For each element or comment that is not closed, the parser of the standard library searches to the end of the text.
Therefore these are turned into text first, and a page with too many elements is refused. This module also counts the
elements of Office files.
"""

from __future__ import annotations

import re
from contextlib import suppress
from xml.parsers.expat import ExpatError, ParserCreate

from bs4 import BeautifulSoup

MOST_ELEMENTS = 20_000  # the saved pages of agencies have some thousands; parsing this many takes up to 7 s
MOST_XML_ELEMENTS = 800_000  # such as 20,000 rows of 12 cells; as cells of one row, they take 11 s and 550 MB
ELEMENT = re.compile(r"<[a-zA-Z]")
SECTION = re.compile(r"<!\[[^<>-]*>?")  # «<![endif]», which Word writes and the parser may reject


class _Begun(Exception):
    """The first element of an XML document begins, so that no document type can follow."""


def parsed(html: str) -> BeautifulSoup | None:
    """Parses the page; returns None if it has more than MOST_ELEMENTS elements."""
    if sum(1 for _ in ELEMENT.finditer(html)) > MOST_ELEMENTS:
        return None
    html = SECTION.sub("", html)
    html = _closed(html, "<!--", "-->")
    return BeautifulSoup(_closed(html, "<", ">"), "html.parser")


def xml_elements(part: bytes) -> int:
    """Returns the approximate number of elements in a part of an Office file, which may take too much memory.

    An element of five bytes becomes an object of hundreds of bytes. Raises ValueError for XML with a document type,
    which no office program writes: it may define entities, with which a few bytes stand for millions of elements.
    """
    if _has_document_type(part):
        raise ValueError("document type")
    return part.count(b"<") - part.count(b"</")


def _has_document_type(part: bytes) -> bool:
    """Returns whether ``part`` is XML with a document type; reads only up to its first element."""
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
    """Returns ``html`` with the «<» of each ``begin`` escaped if no ``end`` follows."""
    last = html.rfind(end) + 1
    return html[:last] + html[last:].replace(begin, begin.replace("<", "&lt;"))
