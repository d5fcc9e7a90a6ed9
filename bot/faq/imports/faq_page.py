"""Reads questions from a web page: schema.org's FAQPage, in JSON or in a saved page; or from a JSON list of objects.

In a saved page without marked-up questions, the visible questions are found (page_questions.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Comment, Tag
from markdownify import MarkdownConverter

from bot.faq.imports.page_questions import Asked, questions_of, without_wordings
from bot.faq.imports.page_seen import HEADINGS
from bot.faq.imports.page_source import MOST_ELEMENTS, parsed
from bot.faq.imports.pasted import list_table, make_lists
from bot.faq.imports.sheet_cell import MAX_COLUMNS, Cell, Row
from bot.faq.imports.sheet_problem import SheetFound
from bot.faq.imports.tables.question_tables import QuestionTable, taken
from bot.faq.words.table import decoded

QUESTION, ANSWER, SOURCE, VARIANTS, TOPIC = "pregunta", "respuesta", "fuente", "variantes", "tema"
ALWAYS = (QUESTION, ANSWER, SOURCE)
LINKED_DATA = "application/ld+json"
SAVED_FROM = re.compile(r"saved from url=\(\d{1,6}\)(https://\S+)")  # a comment that browsers write into a saved page
BLOCKS = ["div", "section", "article", "dd", "tr"]  # paragraphs, as people see them
MOST_CELL_LETTERS = 80  # maximum length of a cell of a table of facts; a longer cell is running text
DEPTH = 20  # maximum depth of nested objects; pages have about five levels
ANSWER_DEPTH = 60  # an answer of elements nested deeper becomes plain text
LINE_END = re.compile(r"(?<!\n)\n(?![ \t\r]*\n)")  # within a paragraph of HTML, where it is a space
LINKS = ("https:", "http:", "mailto:", "tel:")
SPACES = re.compile(r"[ \t\r\f\v]{20,}")  # the converter searches a run of them from each of its characters
Pair = tuple[str, str]


def rows_of_json(raw: bytes, _known: object, found: SheetFound) -> list[Row] | None:
    """Returns the questions of an FAQPage, or the objects of a list, as rows below headings.

    Adds a problem and returns None if there are none.
    """
    data = _parsed(decoded(raw) or "")
    pairs = [(question, _markdown(answer)) for question, answer in _questions(data)]
    if pairs:
        return _table([QUESTION, ANSWER], pairs)
    objects = data if isinstance(data, list) and all(isinstance(one, dict) for one in data) else []
    names = list(dict.fromkeys(name for one in objects for name in one))[:MAX_COLUMNS]
    if not names:
        found.add("json_sin_preguntas")
        return None
    return _table(names, [[_text(one.get(name)) for name in names] for one in objects])


def rows_of_html(raw: bytes, _known: object, found: SheetFound) -> list[Row] | None:
    """Returns the questions of a saved page as rows below headings; the page's address is their source.

    Adds a problem and returns None if the page has no questions.
    """
    return rows_of_page(decoded(raw) or "", found)


def rows_of_page(html: str, found: SheetFound) -> list[Row] | None:
    """Returns what ``rows_of_html`` does.

    Other wordings that an answer lists («Otras formas: …») become a column, and the titles of sections the topics.
    """
    page = parsed(html)
    if page is None:
        found.add("pagina_muy_grande", maximo=f"{MOST_ELEMENTS:,}".replace(",", "."))
        return None
    scripts = [script.get_text() for script in page.find_all("script", type=LINKED_DATA)]
    address = _address(page)
    marked = [pair for script in scripts for pair in _questions(_parsed(script))] or list(_marked_up(page))
    make_lists(page)
    tables = [] if marked else taken(page)
    asked = [Asked(*pair, "") for pair in marked] or questions_of(page)
    if not asked and not tables:
        found.add("pagina_sin_preguntas")
        return None
    rows = [*_of_tables(tables, address), *(_cells(one, address) for one in asked)]
    titles = {name: title for one in reversed(tables) for name, title in one.titles.items()}
    names = dict.fromkeys((QUESTION, ANSWER, SOURCE, *(name for row in rows for name in row)))
    used = [name for name in names if name in ALWAYS or any(row.get(name) for row in rows)]
    return _table([titles.get(name, name) for name in used], [[row.get(name, "") for name in used] for row in rows])


def _of_tables(tables: Sequence[QuestionTable], address: str) -> Iterator[dict[str, str]]:
    """Yields the texts of the rows, by the names of their columns; if the tables have several titles, their topics."""
    has_topics = len({one.section for one in tables}) > 1
    for table in tables:
        for row in table.texts(lambda html: _markdown(html, address)):
            answer, wordings = without_wordings(row.get(ANSWER, ""))
            own = "\n".join(filter(None, [row.get(VARIANTS, ""), *wordings]))
            topic = row.get(TOPIC) or (table.section if has_topics else "")
            yield {**row, ANSWER: answer, SOURCE: row.get(SOURCE) or address, VARIANTS: own, TOPIC: topic}


def _cells(asked: Asked, address: str) -> dict[str, str]:
    answer, wordings = without_wordings(_markdown(asked.answer, address))
    texts = (asked.question, answer, address, "\n".join(wordings), asked.section)
    return dict(zip((QUESTION, ANSWER, SOURCE, VARIANTS, TOPIC), texts, strict=True))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _questions(data: Any, depth: int = DEPTH) -> Iterator[Pair]:
    """Yields the name and the answer (HTML) of every Question within ``data``, at most DEPTH levels deep."""
    inner = data if isinstance(data, list) else list(data.values()) if isinstance(data, dict) else []
    if isinstance(data, dict) and "Question" in _listed(data.get("@type")):
        answers = _listed(data.get("acceptedAnswer"))
        texts = [_text(one.get("text")) for one in answers if isinstance(one, dict)]
        yield _text(data.get("name")), "\n\n".join(texts)
    elif depth:
        for one in inner:
            yield from _questions(one, depth - 1)


def _marked_up(page: BeautifulSoup) -> Iterator[Pair]:
    """Yields the name and the answer (HTML) of every complete Question that the page marks up with microdata."""
    within: set[int] = set()  # the questions and what is in them, so that none is read within another
    for block in page.find_all(True):
        if id(block.parent) in within or str(block.get("itemtype") or "").endswith("schema.org/Question"):
            within.add(id(block))
        if id(block) not in within or id(block.parent) in within:
            continue
        name, answer = block.find(itemprop="name"), block.find(itemprop="text")
        if isinstance(name, Tag) and isinstance(answer, Tag):
            yield name.get_text(" ", strip=True), answer.decode_contents()


def _address(page: BeautifulSoup) -> str:
    for tag in (page.find("link", rel="canonical"), page.find("meta", property="og:url")):
        address = (tag.get("href") or tag.get("content")) if isinstance(tag, Tag) else None
        if isinstance(address, str) and address.startswith("https://"):
            return address
    comments = page.find_all(string=lambda text: isinstance(text, Comment))
    return next((saved[1] for one in comments if (saved := SAVED_FROM.search(one))), "")


def _markdown(html: str, page: str = "") -> str:
    """Converts an answer to Markdown: keeps paragraphs, lists, bold text and links; the rest becomes plain text.

    Headings become bold paragraphs, tables of facts become lists. Relative links are completed with ``page``, the
    address of the page; without it, only their text is kept.
    """
    answer = parsed(SPACES.sub(" ", LINE_END.sub(" ", html) if "<" in html else html))
    if answer is None or _is_deep(answer):
        return answer.get_text("\n", strip=True) if answer else ""
    for tag in answer.find_all(["script", "style", "button"]):
        tag.decompose()
    for link in answer.find_all("a"):
        address = _joined(page, str(link.get("href") or ""))
        if address.startswith(LINKS):
            link["href"] = address
        else:
            link.name = "span"
    for table in filter(_is_of_facts, answer.find_all("table")):
        list_table(answer, table)
    for block in answer.find_all(BLOCKS):
        block.name = "p"
    kept = ["p", "br", "ul", "ol", "li", "b", "strong", "a", *HEADINGS]
    return _Converter(convert=kept, bullets="-").convert_soup(answer).strip()


def _is_of_facts(table: Tag) -> bool:
    """Returns whether a table contains facts, such as prices, in several columns of short cells, and is not layout."""
    rows = [row.find_all(["td", "th"]) for row in table.find_all("tr")]
    cells = [cell for row in rows for cell in row]
    short = all(len(cell.get_text(strip=True)) <= MOST_CELL_LETTERS for cell in cells)
    return len(rows) > 1 and all(len(row) > 1 for row in rows) and short and not table.find(["table", "ul", "ol"])


class _Converter(MarkdownConverter):
    """Converts HTML to Markdown; a heading within an answer becomes a bold paragraph."""

    def convert_hN(self, _level: int, _element: Tag, text: str, parent_tags: set[str]) -> str:
        return text if "_inline" in parent_tags or not text.strip() else f"\n\n**{' '.join(text.split())}**\n\n"


def _joined(page: str, link: str) -> str:
    """Returns the address to which ``link`` leads from ``page``; "" if it leads nowhere."""
    try:
        return urljoin(page, link) if link else ""
    except ValueError:
        return ""


def _is_deep(answer: BeautifulSoup) -> bool:
    depths = {id(answer): 0}
    for tag in answer.find_all(True):
        depths[id(tag)] = depths[id(tag.parent)] + 1
    return max(depths.values()) > ANSWER_DEPTH


def _text(value: Any, depth: int = DEPTH) -> str:
    """Returns the text of a value, or the lines of a list; "" for an object and for lists nested deeper than DEPTH."""
    if isinstance(value, list):
        return "\n".join(_text(one, depth - 1) for one in value) if depth else ""
    return "" if value is None or isinstance(value, dict) else str(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Row]:
    """Returns the headings as row 1, followed by ``rows``."""
    cells = [tuple(map(Cell.from_text, row)) for row in (headings, *rows)]
    return [Row(number, row, counted=True) for number, row in enumerate(cells, start=1)]
