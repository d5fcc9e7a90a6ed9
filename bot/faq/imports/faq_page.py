"""Reads questions from a web page: schema.org's FAQPage, in JSON or in a saved page; or from a JSON list of objects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from bot.faq.imports.sheet_cell import Cell, Row
from bot.faq.imports.sheet_problem import SheetFound
from bot.faq.words.table import decoded

QUESTION, ANSWER, SOURCE = "pregunta", "respuesta", "fuente"
LINKED_DATA = "application/ld+json"
DEPTH = 20  # maximum depth of nested objects; pages have about five levels
Pair = tuple[str, str]


def rows_of_json(raw: bytes, _known: object, found: SheetFound) -> list[Row] | None:
    """Returns the questions of an FAQPage, or the objects of a list, as rows below headings.

    Adds a problem and returns None if there are none.
    """
    data = _parsed(decoded(raw) or "")
    pairs = list(_questions(data))
    if pairs:
        return _table([QUESTION, ANSWER], pairs)
    objects = data if isinstance(data, list) and all(isinstance(one, dict) for one in data) else []
    names = list(dict.fromkeys(name for one in objects for name in one))
    if not names:
        found.add("json_sin_preguntas")
        return None
    return _table(names, [[_text(one.get(name)) for name in names] for one in objects])


def rows_of_html(raw: bytes, _known: object, found: SheetFound) -> list[Row] | None:
    """Returns the questions of a saved page as rows below headings; the page's address is their source.

    Adds a problem and returns None if the page has no questions.
    """
    page = BeautifulSoup(decoded(raw) or "", "html.parser")
    scripts = [script.get_text() for script in page.find_all("script", type=LINKED_DATA)]
    pairs = [pair for script in scripts for pair in _questions(_parsed(script))] or list(_marked_up(page))
    if not pairs:
        found.add("pagina_sin_preguntas")
        return None
    address = _address(page)
    return _table([QUESTION, ANSWER, SOURCE], [(*pair, address) for pair in pairs])


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _questions(data: Any, depth: int = DEPTH) -> Iterator[Pair]:
    """Yields the name and the answer of every Question within ``data``, at most DEPTH levels deep."""
    inner = data if isinstance(data, list) else list(data.values()) if isinstance(data, dict) else []
    if isinstance(data, dict) and "Question" in _listed(data.get("@type")):
        answers = _listed(data.get("acceptedAnswer"))
        texts = [_text(one.get("text")) for one in answers if isinstance(one, dict)]
        yield _text(data.get("name")), _markdown("\n\n".join(texts))
    elif depth:
        for one in inner:
            yield from _questions(one, depth - 1)


def _marked_up(page: BeautifulSoup) -> Iterator[Pair]:
    """Yields the name and the answer of every complete Question that the page marks up with microdata."""
    for block in page.select('[itemtype$="schema.org/Question"]'):
        name, answer = block.select_one('[itemprop="name"]'), block.select_one('[itemprop="text"]')
        if name is not None and answer is not None:
            yield name.get_text(" ", strip=True), _markdown(answer.decode_contents())


def _address(page: BeautifulSoup) -> str:
    for tag in (page.find("link", rel="canonical"), page.find("meta", property="og:url")):
        address = (tag.get("href") or tag.get("content")) if isinstance(tag, Tag) else None
        if isinstance(address, str) and address.startswith("https://"):
            return address
    return ""


def _markdown(html: str) -> str:
    """Converts an answer to Markdown: keeps paragraphs, lists, bold text and links; the rest becomes plain text."""
    answer = BeautifulSoup(html, "html.parser")
    for tag in answer.find_all(["script", "style"]):
        tag.decompose()
    kept = ["p", "br", "ul", "ol", "li", "b", "strong", "a"]
    return MarkdownConverter(convert=kept, bullets="-").convert_soup(answer).strip()


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(map(_text, value))
    return "" if value is None or isinstance(value, dict) else str(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Row]:
    """Returns the headings as row 1, followed by ``rows``."""
    return [Row(number, tuple(map(Cell.from_text, row))) for number, row in enumerate([headings, *rows], start=1)]
