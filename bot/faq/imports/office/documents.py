"""Reads questions from documents of an office: Word (.docx), an e-mail (.eml), and plain text, such as a pasted text.

Each becomes a web page, in which ``faq_page`` finds the questions; ``plain_text`` makes that of a text. The closing
words of a letter and the signature are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from html import escape, unescape
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl.xml.functions import fromstring

from bot.faq.imports import faq_page
from bot.faq.imports.office.closing import BOLD_ONLY, WORDS, without_closing
from bot.faq.imports.office.plain_text import JOINED, page_of_text
from bot.faq.imports.office.titles import BEGINS, Block, asking, may_be_title, tell_passed_over
from bot.faq.imports.office.word_lists import MAY_ASK, WORD, Manner, asks, manner_of, words_of
from bot.faq.imports.office.word_text import ParagraphText
from bot.faq.imports.page_questions import ASKS as TITLE
from bot.faq.imports.page_questions import NUMBERING, OF_THE_PAGE
from bot.faq.imports.page_source import MOST_XML_ELEMENTS, parsed, xml_elements
from bot.faq.imports.sheet_cell import MAX_COLUMNS, Row
from bot.faq.imports.sheet_problem import SheetFound
from bot.faq.imports.tables.question_tables import AGAIN, taken
from bot.faq.words.table import decoded
from bot.text.normalize import plain

MAX_PART_BYTES = 16 * 1024 * 1024  # maximum size of an unpacked part of a Word document
DEPTH = 20  # maximum depth of nested tables
MOST_NAMED = 80  # maximum length of the beginning of a paragraph by which it is named
UNREADABLE = (BadZipFile, KeyError, ValueError, ParseError, EOFError, OSError, RuntimeError, NotImplementedError)
ASKED = re.compile(r"<h4[^>]*>([^<]+)</h4>")  # the questions of the page that _page writes


def rows_of_text(raw: bytes, _known: object, found: SheetFound) -> list[Row] | None:
    """Returns the questions of a plain text as rows below headings; adds a problem and returns None if it has none."""
    return _rows_of_page(page_of_text(decoded(raw) or "", found), found)


def rows_of_mail(raw: bytes, _known: object, found: SheetFound) -> list[Row] | None:
    """Returns the questions of an e-mail; adds a problem and returns None if it has none or is unreadable."""
    try:
        mail = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
        body = mail.get_body(("plain", "html"))
        text = _content(body) if isinstance(body, EmailMessage) else ""
    except (MessageError, LookupError, ValueError):
        text, body = "", None
    is_page = body is not None and body.get_content_type() == "text/html"
    return faq_page.rows_of_page(text, found) if is_page else _rows_of_page(page_of_text(text, found), found)


def _rows_of_page(html: str, found: SheetFound) -> list[Row] | None:
    return _rows(html, [unescape(one) for one in ASKED.findall(html)], found)


def _content(body: EmailMessage) -> str:
    if body.get_content_charset():
        return str(body.get_content())
    raw = body.get_payload(decode=True)
    return decoded(raw) or "" if isinstance(raw, bytes) else ""


def rows_of_word(raw: bytes, _known: object, found: SheetFound) -> list[Row] | None:
    """Returns the questions of a Word document; adds a problem and returns None if it has none or is unreadable."""
    try:
        with ZipFile(BytesIO(raw)) as archive:
            body = _part(archive, "word/document.xml").find(f"{WORD}body")
            links = "word/_rels/document.xml.rels"
            rels = _part(archive, links) if links in archive.namelist() else ()
            targets = {str(one.get("Id")): str(one.get("Target")) for one in rels}
    except UNREADABLE:
        found.add("no_es_docx")
        return None
    if body is None:
        return _rows("", [], found)
    source = _Source(targets, manner_of(body))
    try:
        blocks = without_closing(list(_blocks(body, source, DEPTH)))
    except RecursionError:  # changes within changes, thousands of levels deep
        found.add("no_es_docx")
        return None
    for words in source.broken:
        found.leave_out("texto_sin_leer", words)
    read = _read(blocks)
    titles = dict(zip(read, range(len(read)), strict=True))
    chosen = asking(list(read.values()))
    tell_passed_over(list(read.values()), found)
    for place, one in read.items():
        if blocks[place].startswith("<p>") and not one.asks and asks(one.words) and BEGINS.match(plain(one.words)):
            found.leave_out("sin_abrir", one.words)
    asked = [one.words for place, one in read.items() if one.words and (one.asks or titles[place] in chosen)]
    marked = (
        f"<h4 {TITLE}>{escape(read[place].words)}</h4>" if titles.get(place) in chosen else one
        for place, one in enumerate(blocks)
    )
    return _rows("".join(marked).replace(MAY_ASK, "<ul>"), asked, found)


def _rows(html: str, asked: Sequence[str], found: SheetFound) -> list[Row] | None:
    """Returns the questions of an office's page; names those of the questions ``asked`` that have no answer."""
    rows = faq_page.rows_of_page(html.replace(JOINED, ""), found)
    answered = {plain(row.cells[0].text) for row in rows or []}
    for question in dict.fromkeys(NUMBERING.sub("", one) for one in asked if rows):
        if plain(question) not in answered and not OF_THE_PAGE.search(plain(question)):
            found.leave_out("sin_respuesta", question)
    return rows


def _read(html: Sequence[str]) -> dict[int, Block]:
    """Returns the blocks that have words, by their places; an item beside another one is no title."""
    places = [place for place, one in enumerate(html) if WORDS.sub("", one).strip()]
    items = [html[place].startswith("<ul") for place in places]
    beside = [before or after for before, after in zip([False, *items], [*items[1:], False], strict=False)]
    return {place: _block(html[place], is_lone=not near) for place, near in zip(places, beside, strict=True)}


def _block(html: str, *, is_lone: bool) -> Block:
    if html.startswith("<table><tr>"):  # a whole table of questions (_blocks)
        return Block("", asks=True)
    words = " ".join(unescape(WORDS.sub("", html)).split())
    is_heading = html.startswith("<h4>") or (html.startswith(MAY_ASK) and is_lone)
    is_bold = bool(BOLD_ONLY.match(html))
    asks = words.endswith("?") and (is_heading or is_bold)
    return Block(words, asks, (is_heading or is_bold) and may_be_title(words), is_heading)


def _part(archive: ZipFile, name: str) -> Element:
    if archive.getinfo(name).file_size > MAX_PART_BYTES:
        raise ValueError(name)
    content = archive.read(name)
    if xml_elements(content) > MOST_XML_ELEMENTS:
        raise ValueError(name)
    part: Element = fromstring(content)
    return part


@dataclass(frozen=True)
class _Source:
    """What a paragraph refers to: the addresses of the links, and the manner in which the document asks.

    ``broken`` collects the beginnings of the paragraphs of which a part could not be read.
    """

    links: Mapping[str, str]
    manner: Manner
    broken: list[str] = field(default_factory=list)


def _blocks(parent: Element, source: _Source, depth: int) -> Iterator[str]:
    """Yields the paragraphs, list items and tables in ``parent`` as HTML, at most ``depth`` levels deep."""
    for one in parent if depth else ():
        if one.tag == f"{WORD}p":
            yield _paragraph(one, source)
        elif one.tag == f"{WORD}tbl":
            rows = [_row(row, source, depth) for row in one.iterfind(f"{WORD}tr")]
            whole = f"<table>{''.join(rows)}</table>"
            yield from [whole] if _has_questions(whole) else ["<table>", *rows, "</table>"]
        elif one.tag in {f"{WORD}sdt", f"{WORD}sdtContent"}:
            yield from _blocks(one, source, depth - 1)


def _row(row: Element, source: _Source, depth: int) -> str:
    """Returns the HTML of a table's row; a cell over several columns is followed by blank ones."""
    cells = []
    for cell in row.iterfind(f"{WORD}tc"):
        span, merged = (cell.find(f"{WORD}tcPr/{WORD}{name}") for name in ("gridSpan", "vMerge"))
        again = merged is not None and merged.get(f"{WORD}val") != "restart"
        content = "".join(_blocks(cell, source, depth - 1))
        cells.append(f"<td{f' {AGAIN}' * again}>{content}</td>")
        cells += ["<td></td>"] * (_number(span) - 1)
    return f"<tr>{''.join(cells)}</tr>"


def _number(span: Element | None) -> int:
    written = span.get(f"{WORD}val", "") if span is not None else ""
    return min(int(written), MAX_COLUMNS) if written.isdecimal() else 1


def _has_questions(table: str) -> bool:
    """Returns whether a table is a sheet of questions, which is one block: no title stands above or within it."""
    page = parsed(table)
    return page is not None and bool(taken(page))


def _paragraph(paragraph: Element, source: _Source) -> str:
    text = ParagraphText(paragraph, source.links)
    if not text.is_whole:
        source.broken.append(words_of(paragraph)[:MOST_NAMED])
    return source.manner.frame(paragraph).format(text.html)
