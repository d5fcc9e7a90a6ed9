"""Converts Markdown into styled runs, for channels with their own markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.channels.formatting.spans import Run, Spans, merged
from bot.text.brief import briefly_cached

BULLET = "•"
RULE = "———"
CELL_GAP = " · "
INDENT = "  "
CACHED_ANSWERS = 512


@briefly_cached(CACHED_ANSWERS)
def markdown_spans(text: str) -> Spans:
    """Converts Markdown into runs: bold headings, bulleted or numbered items, one line per table row, HTML as text."""
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    return merged(_starred(_Flattened(parser.disable("image").parse(text)).spans))


class _Flattened:
    """A converter of the parser's tokens into ``spans``."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.spans: list[Run] = []
        self._style = Run("")
        self._lists: list[int | None] = []
        self._gap = ""
        for token in tokens:
            self._block(token)

    def _block(self, token: Token) -> None:
        step = getattr(self, f"_{token.type}", None)
        if step is not None:
            step(token)

    def _say(self, text: str) -> None:
        if not text:
            return
        if self._gap and self.spans:
            self.spans.append(Run(self._gap))
        self._gap = ""
        self.spans.append(replace(self._style, text=text))

    def _inline(self, token: Token) -> None:
        for child in token.children or ():
            self._piece(child)

    def _piece(self, child: Token) -> None:
        if child.type in {"text", "html_inline"}:
            self._say(child.content)
        elif child.type == "code_inline":
            self._say_code(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            self._say("\n")
        elif child.type == "link_open":
            self._style = replace(self._style, link=str(child.attrGet("href") or ""))
        elif child.type == "link_close":
            self._style = replace(self._style, link="")
        else:
            self._restyle(child)

    def _restyle(self, child: Token) -> None:
        opens = child.nesting == 1
        name = {"strong": "bold", "em": "italic", "s": "strike"}.get(child.type.rpartition("_")[0])
        if name == "bold":
            self._style = replace(self._style, bold=opens)
        elif name == "italic":
            self._style = replace(self._style, italic=opens)
        elif name == "strike":
            self._style = replace(self._style, strike=opens)

    def _say_code(self, text: str) -> None:
        style = self._style
        self._style = replace(style, code=True, bold=False, italic=False)
        self._say(text)
        self._style = style

    def _paragraph_close(self, token: Token) -> None:
        self._gap = "\n" if token.hidden else self._gap_between()

    def _gap_between(self) -> str:
        return "\n" if self._lists else "\n\n"

    def _heading_open(self, _token: Token) -> None:
        self._style = replace(self._style, bold=True)

    def _heading_close(self, _token: Token) -> None:
        self._style = replace(self._style, bold=False)
        self._gap = "\n\n"

    def _bullet_list_open(self, _token: Token) -> None:
        self._lists.append(None)

    def _ordered_list_open(self, token: Token) -> None:
        self._lists.append(int(token.attrGet("start") or 1))

    def _bullet_list_close(self, _token: Token) -> None:
        self._lists.pop()
        self._gap = self._gap_between()

    _ordered_list_close = _bullet_list_close

    def _list_item_open(self, _token: Token) -> None:
        number = self._lists[-1]
        mark = BULLET if number is None else f"{number}."
        if number is not None:
            self._lists[-1] = number + 1
        self._say(f"{INDENT * (len(self._lists) - 1)}{mark} ")

    def _list_item_close(self, _token: Token) -> None:
        self._gap = "\n"

    def _fence(self, token: Token) -> None:
        self._say_code(token.content.rstrip("\n"))
        self._gap = self._gap_between()

    _code_block = _fence

    def _html_block(self, token: Token) -> None:
        self._say(token.content.rstrip("\n"))
        self._gap = self._gap_between()

    def _hr(self, _token: Token) -> None:
        self._say(RULE)
        self._gap = "\n\n"

    def _th_open(self, _token: Token) -> None:
        self._style = replace(self._style, bold=True)

    def _th_close(self, _token: Token) -> None:
        self._style = replace(self._style, bold=False)
        self._gap = CELL_GAP

    def _td_close(self, _token: Token) -> None:
        self._gap = CELL_GAP

    def _tr_close(self, _token: Token) -> None:
        self._gap = "\n"

    def _table_close(self, _token: Token) -> None:
        self._gap = self._gap_between()


def _starred(spans: list[Run]) -> list[Run]:
    """Moves the star of a number such as ``***4141**`` to the number; the parser leaves the star in the run before."""
    for index in range(1, len(spans)):
        before, number = spans[index - 1], spans[index]
        if number.bold and number.text.isdigit() and not before.bold and before.text.endswith("*"):
            spans[index - 1] = replace(before, text=before.text[:-1])
            spans[index] = replace(number, text=f"*{number.text}")
    return spans
