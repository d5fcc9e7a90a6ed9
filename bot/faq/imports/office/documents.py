"""Reads questions from documents of an office: Word (.docx), an e-mail (.eml), and plain text, such as a pasted text.

Each becomes a web page, in which ``faq_page`` finds the questions. In plain text, a question is a line that ends with a
question mark, or begins with a question and goes on with its answer, or is a numbered title among such questions, or a
title above its text that ``titles`` takes for one. The closing words of a letter and the signature are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from html import escape, unescape
from io import BytesIO
from itertools import groupby, pairwise, takewhile
from operator import itemgetter
from xml.etree.ElementTree import Element, ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl.xml.functions import fromstring

from bot.faq.imports import faq_page
from bot.faq.imports.office.closing import BOLD_ONLY, WORDS, is_closing, without_closing
from bot.faq.imports.office.tables import AGAIN, taken
from bot.faq.imports.office.titles import BEGINS, Block, asking, may_be_title, passed_over
from bot.faq.imports.office.word_lists import MAY_ASK, WORD, Manner, asks, manner_of
from bot.faq.imports.page_questions import ASKS as TITLE
from bot.faq.imports.page_questions import NUMBERING, OF_THE_PAGE, begins_wordings, is_numbered_title, numbers_of
from bot.faq.imports.page_source import MOST_XML_ELEMENTS, parsed, xml_elements
from bot.faq.imports.sheet_cell import MAX_COLUMNS, Row
from bot.faq.imports.sheet_problem import SheetFound
from bot.faq.words.table import decoded
from bot.text.normalize import plain

MAX_PART_BYTES = 16 * 1024 * 1024  # maximum size of an unpacked part of a Word document
DEPTH = 20  # maximum depth of nested tables
MOST_TITLE = 60  # maximum length of a title above a text that goes on in the next line; a wrapped line is longer
JOINED = "</ul><ul>"  # between the items of one list
LINK_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
OFF = ("0", "false", "off", "none")
UNREADABLE = (BadZipFile, KeyError, ValueError, ParseError, EOFError, OSError, RuntimeError, NotImplementedError)
SIGNATURE = re.compile(r"--\s*$")
QUOTED = re.compile(r"^(?:> ?)+")
ASKS = re.compile(r"(?:p(?:reg(?:unta)?)?\s*\d*\s*[:.)-]\s*)?(?P<question>[^?]{3,240}\?)$", re.IGNORECASE)
ASKS_AND_ANSWERS = re.compile(
    r"(?:\W*\d+\s*[.)-]\s*)?(?:p(?:reg(?:unta)?)?\s*\d*\s*[:.)-]\s*)?(?P<question>¿[^?¿]{3,240}\?)\s*[-–:]?\s+(?P<rest>\S.*)$",
    re.IGNORECASE,
)
ANSWERS = re.compile(r"^r(?:esp(?:uesta)?)?\s*\d*\s*[:.)-]\s+", re.IGNORECASE)
ITEM = re.compile(r"^[-*•·▪–]\s+")
ASKED = re.compile(r"<h4[^>]*>([^<]+)</h4>")  # the questions of the page that _page writes
NUMBERED_ITEM = re.compile(r"\(?\d{1,3}\s*[.)°º:-]+\s*\D")


def rows_of_text(raw: bytes, _known: object, found: SheetFound) -> list[Row] | None:
    """Returns the questions of a plain text as rows below headings; adds a problem and returns None if it has none."""
    return _rows_of_page(_page(decoded(raw) or "", found), found)


def rows_of_mail(raw: bytes, _known: object, found: SheetFound) -> list[Row] | None:
    """Returns the questions of an e-mail; adds a problem and returns None if it has none or is unreadable."""
    try:
        mail = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
        body = mail.get_body(("plain", "html"))
        text = _content(body) if isinstance(body, EmailMessage) else ""
    except (MessageError, LookupError, ValueError):
        text, body = "", None
    is_page = body is not None and body.get_content_type() == "text/html"
    return faq_page.rows_of_page(text, found) if is_page else _rows_of_page(_page(text, found), found)


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
    blocks = without_closing(list(_blocks(body, _Source(targets, manner_of(body)), DEPTH)))
    read = _read(blocks)
    titles = dict(zip(read, range(len(read)), strict=True))
    chosen = asking(list(read.values()))
    _tell(list(read.values()), found)
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


def _tell(blocks: Sequence[Block], found: SheetFound) -> None:
    for title in passed_over(blocks):
        found.leave_out("titulo_sin_pregunta", title)


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
    """What a paragraph refers to: the addresses of the links, and the manner in which the document asks."""

    links: Mapping[str, str]
    manner: Manner


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
    return source.manner.frame(paragraph).format("".join(_runs(paragraph, source.links)))


def _runs(parent: Element, links: Mapping[str, str]) -> Iterator[str]:
    """Yields the text of a paragraph as HTML; joins adjacent bold runs, since Word splits runs within a word."""
    for is_bold, some in groupby(_pieces(parent, links), key=itemgetter(0)):
        text = "".join(html for _, html in some)
        yield f"<b>{text}</b>" if is_bold else text


def _pieces(parent: Element, links: Mapping[str, str]) -> Iterator[tuple[bool, str]]:
    """Yields, for each run or link, whether it is bold, and its HTML; a link never counts as bold."""
    for one in parent:
        if one.tag == f"{WORD}r":
            text = "".join(map(_text, one))
            bold = one.find(f"{WORD}rPr/{WORD}b")
            is_bold = bold is not None and bold.get(f"{WORD}val", "1") not in OFF
            if text:
                yield is_bold and bool(text.strip()), text
        elif one.tag == f"{WORD}hyperlink":
            address = links.get(str(one.get(LINK_ID)), "")
            yield False, f'<a href="{escape(address)}">{"".join(_runs(one, {}))}</a>'
        elif one.tag in {f"{WORD}ins", f"{WORD}smartTag"}:
            yield from _pieces(one, {})


def _text(part: Element) -> str:
    if part.tag == f"{WORD}t":
        return escape(part.text or "")
    return {f"{WORD}br": "<br>", f"{WORD}tab": " "}.get(part.tag, "")


def _page(text: str, found: SheetFound) -> str:
    """Returns the HTML of a plain text: questions as headings, lines of a list as items, other lines as paragraphs."""
    read = [QUOTED.sub("", line).strip() for line in text.removeprefix("\ufeff").splitlines()]
    lines = list(takewhile(lambda line: not SIGNATURE.match(line), read))
    return "".join(_lines(lines, _titles(lines, found))).replace(JOINED, "")


def _lines(lines: Sequence[str], titles: frozenset[int]) -> Iterator[str]:
    paragraph: list[str] = []
    answering, listing = False, False  # listing: the last line with words is a numbered item, which no title follows
    numbers = numbers_of(lines)
    for place, (above, line) in enumerate(pairwise(["", *lines, ""])):
        if answering and is_closing(line):
            yield _ended(paragraph) + "<h4></h4>"
            answering = False
        elif found := ASKS.match(line) or ASKS_AND_ANSWERS.match(line):
            yield _ended(paragraph) + f"<h4>{escape(found['question'])}</h4>"
            paragraph, answering = [rest] if (rest := found.groupdict().get("rest")) else [], True
        elif place in titles or (not above and not listing and is_numbered_title(line, numbers)):
            yield _ended(paragraph) + f"<h4{f' {TITLE}' * (place in titles)}>{escape(line)}</h4>"
            answering = True
        elif ITEM.match(line):
            yield _ended(paragraph) + f"<ul><li>{escape(ITEM.sub('', line))}</li></ul>"
        elif line:
            if begins_wordings(line):  # often right below the answer
                yield _ended(paragraph)
            paragraph.append(line)
        else:
            yield _ended(paragraph)
        listing = bool(NUMBERED_ITEM.match(line)) and not ASKS.match(line) if line else listing


def _titles(lines: Sequence[str], found: SheetFound) -> frozenset[int]:
    """Returns the places of the lines that are titles above their text and count as questions."""
    places, around = [place for place, line in enumerate(lines) if line], ["", *lines, ""]
    asks = [bool(ASKS.match(lines[place]) or ASKS_AND_ANSWERS.match(lines[place])) for place in places]
    titles = [_is_title(*around[place : place + 3]) for place in places]
    blocks = [Block(lines[place], *each) for place, *each in zip(places, asks, titles, strict=True)]
    _tell(blocks, found)
    return frozenset(places[one] for one in asking(blocks))


def _is_title(above: str, line: str, below: str) -> bool:
    """Returns whether a line begins a paragraph that goes on, or stands alone and begins like a question."""
    if above or not may_be_title(line) or ITEM.match(line) or is_closing(line) or NUMBERED_ITEM.match(line):
        return False
    return bool(BEGINS.match(plain(line))) or (bool(below) and len(line) <= MOST_TITLE and ": " not in line)


def _ended(paragraph: list[str]) -> str:
    """Returns the lines of a paragraph as HTML, without «R:» at the start; "" without lines. Clears ``paragraph``."""
    words = ANSWERS.sub("", " ".join(paragraph))
    paragraph.clear()
    return f"<p>{escape(words)}</p>" if words else ""
