"""Converts HTML copied from Word, Google Docs or a web page to the Markdown of answers, and counts dropped elements.

Headings become bold lines, as is usual in answers; tables become lists. Colors, fonts and underlines are dropped
silently; other dropped elements, such as images and comments, are counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Comment, Tag
from bs4.element import Declaration, Doctype, PageElement, ProcessingInstruction
from markdownify import MarkdownConverter

from bot.faq.imports.page_source import MOST_ELEMENTS, parsed

KEPT = ("p", "br", "ul", "ol", "li", "b", "strong", "i", "em", "a")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# Maps each element that is dropped with its content to the kind under which it is counted; '' means not counted.
DROPPED: Mapping[str, str] = {
    **dict.fromkeys(("style", "meta", "link", "title", "xml", "head", "noscript", "template", "o:p"), ""),
    **dict.fromkeys(("script", "iframe", "object", "embed", "applet", "canvas", "audio", "video"), "objetos"),
    **dict.fromkeys(("form", "input", "button", "select", "textarea"), "formularios"),
    **dict.fromkeys(("img", "svg", "picture", "v:shape", "v:imagedata"), "imagenes"),
    **dict.fromkeys(("del", "s", "strike"), "borrados"),
}
HIDDEN = re.compile(r"display:\s*none|mso-hide:\s*all", re.IGNORECASE)
BOLD = re.compile(r"(?<![\w-])font-weight:\s*(?:bold|[6-9]00)", re.IGNORECASE)
NOT_BOLD = re.compile(r"(?<![\w-])font-weight:\s*(?:normal|[1-5]00)", re.IGNORECASE)
WORD_LIST = re.compile(r"mso-list:\s*l\d+\s+level(\d+)", re.IGNORECASE)
WORD_MARK = re.compile(r"mso-list:\s*ignore", re.IGNORECASE)
NUMBERED = re.compile(r"\s*(?:\d+|[a-z]|[ivx]+)[.)]", re.IGNORECASE)
COMMENTS = re.compile(r"mso-?comment|msocom", re.IGNORECASE)
ADDRESS = re.compile(r"https?://[^/]|mailto:|tel:", re.IGNORECASE)
FOOTNOTE = re.compile(r"#_(?:ftn|edn)", re.IGNORECASE)
HTML_IN_TEXT = re.compile(r"<(?=[a-z/!?])", re.IGNORECASE)  # literal text that looks like a tag
VALUE = re.compile(r"\W*\d+(?![\dªº°])")  # how a price, an hour or a day begins, but not «3ª edad»
LEAST_NAMED = 3  # minimum number of columns of a table whose headings each item of the list repeats
SPACES = re.compile(r"\s+")
REPEATED = re.compile(r"(?<=\S) {2,}")  # repeated spaces, except the indent of an inner list
BLANK_LINES = re.compile(r"\n{3,}")
NO_TEXT = (Comment, Declaration, Doctype, ProcessingInstruction)
MAX_ITEMS = 2000  # maximum number of Word's list items; moving one takes time in proportion to the page
MAX_DEPTH = 100  # of nested elements; deeper HTML becomes plain text, since the converter is recursive


@dataclass(frozen=True)
class Pasted:
    """The pasted text as Markdown, and the number of dropped elements of each kind.

    ``entradas.pegado.cosas`` contains the kinds' Spanish names.
    """

    markdown: str
    dropped: Mapping[str, int] = field(default_factory=dict)


def pasted(html: str) -> Pasted:
    """Converts a fragment of HTML to Markdown; HTML nested deeper than MAX_DEPTH becomes plain text.

    HTML with too many elements (page_source.py) becomes "".
    """
    page = parsed(html)
    if page is None:
        return Pasted("", {"objetos": MOST_ELEMENTS})
    dropped: Counter[str] = Counter()
    for node in page.find_all(string=lambda one: isinstance(one, NO_TEXT)):
        node.extract()
    if any(_depth(one) > MAX_DEPTH for one in page.find_all(True)):
        return Pasted(_tidy(page.get_text("\n", strip=True)))
    _drop(page, dropped)
    _check_links(page, dropped)
    _mark_bold(page)
    make_lists(page)
    for table in reversed(page.find_all("table")):  # the inner ones first
        list_table(page, table)
    for heading in page.find_all(HEADINGS):
        _make_bold_line(page, heading)
    for text in page.find_all(string=True):
        text.replace_with(HTML_IN_TEXT.sub(r"\\<", SPACES.sub(" ", str(text))))
    markdown = MarkdownConverter(convert=list(KEPT), bullets="-").convert_soup(page)
    return Pasted(_tidy(markdown), dict(dropped))


def _depth(node: PageElement) -> int:
    return sum(1 for _ in node.parents)


def _style(tag: Tag) -> str:
    return str(tag.get("style") or "")


def _drop(page: BeautifulSoup, dropped: Counter[str]) -> None:
    for tag in page.find_all(True):
        if tag.decomposed:
            continue
        named = f"{tag.get('class') or ''} {tag.get('id') or ''} {tag.get('href') or ''}"
        if tag.name in DROPPED:
            reason = DROPPED[tag.name]
        elif HIDDEN.search(_style(tag)):
            reason = "ocultos"
        elif COMMENTS.search(named) or "mso-element:comment" in _style(tag):
            reason = "comentarios"
        elif FOOTNOTE.search(str(tag.get("href") or "")):
            reason = "notas"
        else:
            continue
        if reason and not (reason == "comentarios" and _is_comment_mark(tag)):
            dropped[reason] += 1
        tag.decompose()


def _is_comment_mark(tag: Tag) -> bool:
    """Returns whether ``tag`` is the mark of a comment in the text; marks are dropped but not counted."""
    return tag.name == "span"


def _check_links(page: BeautifulSoup, dropped: Counter[str]) -> None:
    for link in page.find_all("a"):
        address = str(link.get("href") or "")
        if not ADDRESS.match(address.strip()):
            if address and not address.startswith("#"):
                dropped["enlaces"] += 1
            link.unwrap()
        else:
            link.attrs = {"href": address.strip()}


def _mark_bold(page: BeautifulSoup) -> None:
    """Turns spans with a bold style into ``b``; unwraps bold and italics that have no effect.

    Google Docs, for instance, puts the whole text into a ``b`` that is not bold.
    """
    for tag in page.find_all(["b", "strong"]):
        if NOT_BOLD.search(_style(tag)):
            tag.unwrap()
    for tag in page.find_all("span"):
        if BOLD.search(_style(tag)) and not tag.find_parent(["b", "strong", *HEADINGS]):
            tag.name = "b"
    for tag in page.find_all(["b", "strong", "i", "em"]):
        if tag.name in {"b", "strong"} and tag.find_parent(["b", "strong", *HEADINGS]):
            tag.unwrap()
        elif not tag.get_text(strip=True):
            tag.unwrap()


def make_lists(page: BeautifulSoup) -> None:
    """Turns the paragraphs that Word shows as list items into lists; leaves them if there are more than MAX_ITEMS."""
    current: Tag | None = None
    items = [(one, found) for one in page.find_all("p") if (found := WORD_LIST.search(_style(one)))]
    for paragraph, found in items if len(items) <= MAX_ITEMS else ():
        numbered = _take_mark(paragraph)
        before = paragraph.find_previous_sibling()
        if current is None or before is not current:
            current = page.new_tag("ol" if numbered else "ul")
            paragraph.insert_before(current)
        paragraph.name, level = "li", int(found[1])
        paragraph.extract()
        _place_for(page, current, level, numbered=numbered).append(paragraph)


def _take_mark(paragraph: Tag) -> bool:
    """Removes the bullet or number that Word wrote as text; returns whether a number was removed."""
    mark = paragraph.find(lambda tag: isinstance(tag, Tag) and bool(WORD_MARK.search(_style(tag))))
    if not isinstance(mark, Tag):
        return False
    words = mark.get_text()
    mark.decompose()
    return bool(NUMBERED.match(words))


def _place_for(page: BeautifulSoup, outer: Tag, level: int, *, numbered: bool) -> Tag:
    """Returns the last list of this level (from 1; at most 4) within ``outer``; creates the missing inner lists."""
    place = outer
    for _ in range(min(level, 4) - 1):
        item = next((one for one in reversed(place.contents) if isinstance(one, Tag) and one.name == "li"), None)
        if item is None:
            return place
        inner = item.find(["ul", "ol"], recursive=False)
        if not isinstance(inner, Tag):
            inner = page.new_tag("ol" if numbered else "ul")
            item.append(inner)
        place = inner
    return place


def list_table(page: BeautifulSoup, table: Tag) -> None:
    """Replaces a table with a list: an item per row, with the first cell in bold.

    With LEAST_NAMED columns or more, each of the other cells follows its heading.
    """
    rows = [[_one_line(cell) for cell in row.find_all(["td", "th"])] for row in table.find_all("tr")]
    rows = [row for row in rows if any(cell.get_text(strip=True) for cell in row)]
    made = page.new_tag("ul")
    headings = rows[0] if _are_headings(rows) else []
    for row in rows[1:] if headings else rows:
        item = page.new_tag("li")
        for part in _row_parts(page, row, [one.get_text(" ", strip=True) for one in headings]):
            item.append(part)
        made.append(item)
    table.replace_with(made)


def _are_headings(rows: list[list[Tag]]) -> bool:
    """Returns whether the first row contains headings.

    It does if all its cells are ``th``. A bold row does, too, unless it has values (VALUE) and fewer than LEAST_NAMED
    columns. Any other row does only if it has LEAST_NAMED columns and no value, and a later row has one.
    """
    if len(rows) < 2:
        return False
    if all(cell.name == "th" for cell in rows[0]):
        return True
    values = [any(VALUE.match(cell.get_text(strip=True)) for cell in row) for row in rows]
    is_named = len(rows[0]) >= LEAST_NAMED
    if all(cell.name == "th" or _is_bold(cell) for cell in rows[0]):
        return is_named or not values[0]
    return is_named and len(rows) > 2 and not values[0] and any(values)


def _is_bold(cell: Tag) -> bool:
    words, bold = cell.get_text(strip=True), cell.find(["b", "strong"])
    return not words or (isinstance(bold, Tag) and bold.get_text(strip=True) == words)


def _one_line(cell: Tag) -> Tag:
    for tag in cell.find_all(["p", "div", "br", "li", "ul", "ol"]):
        if tag.next_sibling is not None:
            tag.insert_after(" ")
        tag.unwrap()
    return cell


def _row_parts(page: BeautifulSoup, row: list[Tag], headings: list[str]) -> Iterator[PageElement]:
    for place, cell in enumerate(row):
        words = cell.get_text(" ", strip=True)
        if not words:
            continue
        name = headings[place] if place < len(headings) else ""
        if place == 0 and len(row) > 1:
            title = page.new_tag("b")
            title.string = f"{words.rstrip(' :')}:"
            yield title
            continue
        yield page.new_string("; " if place > 1 else " ")
        if name and len(headings) >= LEAST_NAMED:
            yield page.new_string(f"{name}: ")
        yield from list(cell.children)


def _make_bold_line(page: BeautifulSoup, heading: Tag) -> None:
    words = heading.get_text(" ", strip=True)
    heading.clear()
    heading.name = "p"
    if words:
        bold = page.new_tag("b")
        bold.string = words
        heading.append(bold)


def _tidy(markdown: str) -> str:
    lines = (REPEATED.sub(" ", line.replace("\xa0", " ").rstrip()) for line in markdown.split("\n"))
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()
