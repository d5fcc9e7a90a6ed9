"""What is said, without any channel's markup: Markdown, staff's words and the source line as styled runs of text.

Called by the ``render`` of channels that are sent to (telegram.py, whatsapp.py); markup.py turns runs into each
channel's own text. Splitting works on runs, so a piece never ends inside a tag, an entity or a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.core.events import Event
from bot.core.messages import Author
from bot.core.texts import say

BULLET = "•"
RULE = "———"
CELL_GAP = " · "
INDENT = "  "
CACHED_ANSWERS = 512
MIN_FILL = 0.5
ATOM = re.compile(r"\s*\S+\s*|\s+")
SENTENCE_END = re.compile(r"[.!?…:]['\"»)]*\s*$")
JOINER = "\u200d"

Measure = Callable[[str], int]


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style; ``link`` is the address it leads to."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    strike: bool = False
    link: str = ""


Spans = tuple[Run, ...]


def event_spans(event: Event, *, site: str = "") -> Spans:
    """A message of the feed as the citizen should read it: staff with their name, answers with their source line.

    ``site`` is PUBLIC_URL: what a path such as ``/privacidad`` is relative to; without it such a link is only text.
    """
    name = event.message.name if event.author is Author.STAFF else ""
    named = (Run(f"{name}:", bold=True), Run("\n")) if name else ()
    if not event.is_markdown:
        return (*named, Run(event.text))
    spans = (*named, *(_resolved(run, site) for run in markdown_spans(event.text)))
    source = event.message.source
    if not source or not source.url.startswith(("http://", "https://")):
        return spans
    label = Run(f"\n\n{say('canales.fuente')}: ")
    return (*spans, label, Run(source.title or source.url, link=source.url))


@lru_cache(maxsize=CACHED_ANSWERS)
def markdown_spans(text: str) -> Spans:
    """Markdown as runs: headings bold, list items with their marks, a line for each table row, HTML shown as text."""
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    return _merged(_starred(_Flattened(parser.disable("image").parse(text)).spans))


def split(spans: Spans, limit: int, measure: Measure, *, cost: Callable[[Run], int] | None = None) -> tuple[Spans, ...]:
    """The runs in pieces of at most ``limit``, cut at a paragraph, line, sentence or word, in that order of liking.

    ``measure`` counts a text as the channel does; ``cost`` what one run takes with its markup (default: its text).
    A single word longer than the limit is cut between two characters that belong to no cluster.
    """
    weigh = cost or (lambda run: measure(run.text))
    pieces: list[Spans] = []
    piece: list[Run] = []
    used = 0
    for atom in _atoms(spans, limit, weigh):
        if piece and used + weigh(atom) > limit:
            end = _best_end(piece, limit, weigh)
            pieces.append(_trimmed(piece[:end]))
            piece = piece[end:]
            used = sum(weigh(one) for one in piece)
        piece.append(atom)
        used += weigh(atom)
    pieces.append(_trimmed(piece))
    return tuple(one for one in pieces if one)


def utf16_length(text: str) -> int:
    """Characters as Telegram and WhatsApp count them: an emoji is two or more."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


class _Flattened:
    """Walks the parser's tokens once and gathers ``spans``."""

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
        on = child.nesting == 1
        name = {"strong": "bold", "em": "italic", "s": "strike"}.get(child.type.rpartition("_")[0])
        if name == "bold":
            self._style = replace(self._style, bold=on)
        elif name == "italic":
            self._style = replace(self._style, italic=on)
        elif name == "strike":
            self._style = replace(self._style, strike=on)

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


def _resolved(run: Run, site: str) -> Run:
    if run.link.startswith("/") and not run.link.startswith("//"):
        return replace(run, link=site.rstrip("/") + run.link if site else "")
    return run


def _starred(spans: list[Run]) -> list[Run]:
    """Numbers such as ``***4141**`` with their star inside the bold, where Markdown leaves it before."""
    for index in range(1, len(spans)):
        before, number = spans[index - 1], spans[index]
        if number.bold and number.text.isdigit() and not before.bold and before.text.endswith("*"):
            spans[index - 1] = replace(before, text=before.text[:-1])
            spans[index] = replace(number, text=f"*{number.text}")
    return spans


def _merged(spans: Iterable[Run]) -> Spans:
    """Neighbours of one style as one run."""
    merged: list[Run] = []
    for run in spans:
        if merged and replace(merged[-1], text="") == replace(run, text=""):
            merged[-1] = replace(run, text=merged[-1].text + run.text)
        elif run.text:
            merged.append(run)
    return tuple(merged)


def _atoms(spans: Spans, limit: int, weigh: Callable[[Run], int]) -> Iterator[Run]:
    """What is not cut: a link as a whole, else a word with the blanks around it."""
    for run in spans:
        if run.link and weigh(run) <= limit:
            yield run
            continue
        for found in ATOM.finditer(run.text):
            yield from _pieces_of_a_word(replace(run, text=found.group()), limit, weigh)


def _pieces_of_a_word(word: Run, limit: int, weigh: Callable[[Run], int]) -> Iterator[Run]:
    if weigh(word) <= limit:
        yield word
        return
    piece = ""
    for cluster in _clusters(word.text):
        if piece and weigh(replace(word, text=piece + cluster)) > limit:
            yield replace(word, text=piece)
            piece = ""
        piece += cluster
    yield replace(word, text=piece)


def _clusters(text: str) -> Iterator[str]:
    """Characters with what is joined to them: combining marks, variation selectors, emoji joined by ZWJ."""
    cluster = ""
    for mark in text:
        joined = unicodedata.combining(mark) or unicodedata.category(mark) in {"Mn", "Me", "Mc"} or mark == JOINER
        skin = "\U0001f3fb" <= mark <= "\U0001f3ff"
        if cluster and not (joined or skin or cluster.endswith(JOINER)):
            yield cluster
            cluster = ""
        cluster += mark
    if cluster:
        yield cluster


def _best_end(piece: list[Run], limit: int, weigh: Callable[[Run], int]) -> int:
    """After how many atoms to cut a full piece."""
    used, ends = 0, {}
    for index, atom in enumerate(piece, 1):
        used += weigh(atom)
        if used >= limit * MIN_FILL:
            ends[_liking(atom.text)] = index
    return ends[max(ends)] if ends else len(piece)


def _liking(text: str) -> int:
    if text.endswith("\n\n"):
        return 3
    if "\n" in text[len(text.rstrip()) :]:
        return 2
    return int(SENTENCE_END.search(text) is not None)


def _trimmed(piece: Sequence[Run]) -> Spans:
    """Without blanks at either end."""
    spans = list(_merged(piece))
    while spans and not spans[0].text.strip():
        spans.pop(0)
    while spans and not spans[-1].text.strip():
        spans.pop()
    if spans:
        spans[0] = replace(spans[0], text=spans[0].text.lstrip())
        spans[-1] = replace(spans[-1], text=spans[-1].text.rstrip())
    return tuple(spans)
