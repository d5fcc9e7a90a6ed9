"""Reads the text of a paragraph of a Word document as HTML: runs, bold, links, and what fields and changes contain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape, unescape
from itertools import groupby
from operator import itemgetter
from xml.etree.ElementTree import Element

from bot.faq.imports.office.closing import WORDS
from bot.faq.imports.office.word_lists import WORD, words_of

LINK_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
OFF = ("0", "false", "off", "none")
# Elements around runs: insertions and moves of tracked changes, content controls, simple fields.
AROUND = {f"{WORD}{name}" for name in ("ins", "moveTo", "smartTag", "sdt", "sdtContent", "fldSimple")}
LINK_FIELD = re.compile(r'\s*HYPERLINK\s+"([^"]+)"')
TEXTS = {f"{WORD}br": "<br>", f"{WORD}cr": "<br>", f"{WORD}tab": " ", f"{WORD}noBreakHyphen": "-"}
Piece = tuple[bool, str]


class ParagraphText:
    """The text of a paragraph; ``links`` are the addresses of the document's links, by their ids."""

    def __init__(self, paragraph: Element, links: Mapping[str, str]) -> None:
        self._links = links
        self._fields: list[str] = []  # the closing tags of the fields that are open, the innermost last
        self._address = ""  # of the field that is being read
        html = "".join(self._runs(paragraph))
        self.html = html + "".join(reversed(self._fields))
        self.is_whole = _letters(unescape(WORDS.sub("", html))) >= _letters(words_of(paragraph))

    def _runs(self, parent: Element) -> Iterator[str]:
        """Yields the text of a paragraph as HTML; joins adjacent bold runs, since Word splits runs within a word."""
        for is_bold, some in groupby(self._pieces(parent), key=itemgetter(0)):
            text = "".join(html for _, html in some)
            yield f"<b>{text}</b>" if is_bold else text

    def _pieces(self, parent: Element) -> Iterator[Piece]:
        """Yields, for each run or link, whether it is bold, and its HTML; a link never counts as bold."""
        for one in parent:
            if one.tag == f"{WORD}r":
                yield from self._run(one)
            elif one.tag == f"{WORD}hyperlink":
                yield False, _linked(self._links.get(str(one.get(LINK_ID)), ""), "".join(self._runs(one)))
            elif one.tag in AROUND:
                found = LINK_FIELD.match(one.get(f"{WORD}instr", ""))
                yield from [(False, _linked(found[1], "".join(self._runs(one))))] if found else self._pieces(one)

    def _run(self, run: Element) -> Iterator[Piece]:
        bold = run.find(f"{WORD}rPr/{WORD}b")
        is_bold = bold is not None and bold.get(f"{WORD}val", "1") not in OFF
        if any(part.tag == f"{WORD}fldChar" for part in run):
            yield False, "".join(map(self._text, run))
        elif text := "".join(map(self._text, run)):
            yield is_bold and bool(text.strip()), text

    def _text(self, part: Element) -> str:
        if part.tag == f"{WORD}fldChar":
            return self._of_field(str(part.get(f"{WORD}fldCharType")))
        if part.tag == f"{WORD}instrText" and (found := LINK_FIELD.match(part.text or "")):
            self._address = found[1]
        return escape(part.text or "") if part.tag == f"{WORD}t" else TEXTS.get(part.tag, "")

    def _of_field(self, kind: str) -> str:
        """Returns the tag that a mark of a field becomes: the field is a link if it has the address of one."""
        if kind == "separate":
            address, self._address = self._address, ""
            self._fields.append("</a>" if address else "")
            return f'<a href="{escape(address)}">' if address else ""
        return self._fields.pop() if kind == "end" and self._fields else ""


def _linked(address: str, html: str) -> str:
    return f'<a href="{escape(address)}">{html}</a>'


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
