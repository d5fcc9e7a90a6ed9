"""Turns Markdown into what WhatsApp shows: ``*bold*``, ``_italic_``, ``~struck~``, lists, addresses that can be tapped.

Called by whatsapp_render.py. WhatsApp has no escape for its marks and shows them as they are where they do not stand at
the edge of a word, so a mark is only written where it works. It counts in UTF-16 units: an emoji is two or more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.channels.render import is_safe_link

MARKS = {"strong": "*", "em": "_", "s": "~"}
CODE = "```"
BREAK = "\n"
NESTED = "   "
_FORMATTED = re.compile(r"```.+?```|(?<![\w*_~])([*_~])(?=\S)[^\n]*?(?<=\S)\1(?![\w])|https?://\S+", re.DOTALL)
_PLACES = (re.compile(r"\n\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…:;]) "), re.compile(r" "))
_FLAG_LETTERS = re.compile(r"[\U0001f1e6-\U0001f1ff]+$")
_JOINERS = frozenset("\u200d\ufe0f\ufe0e")


@dataclass(frozen=True)
class Run:
    """A piece of one line with the same style; ``styles`` are keys of MARKS, or ``code``."""

    text: str
    styles: frozenset[str] = frozenset()
    link: str = ""


def length(text: str) -> int:
    """How many characters WhatsApp counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@lru_cache(maxsize=512)
def whatsapp_text(markdown: str, site: str = "") -> str:
    """Markdown as WhatsApp text. ``site`` makes links to a path of ours whole; without it only their words remain."""
    root = SyntaxTreeNode(_parser().parse(markdown))
    return "\n\n".join(_blocks(root, site)).strip()


def pieces(text: str, limit: int) -> tuple[str, ...]:
    """The text in as few messages as fit ``limit``: cut between paragraphs, lines, sentences or words, in that order,
    never inside a mark pair, an address or an emoji unless nothing else is left."""
    found: list[str] = []
    rest = text.strip()
    while length(rest) > limit:
        cut = _cut(rest, limit)
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return (*found, rest) if rest else tuple(found)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["image", "code"])
    parser.validateLink = is_safe_link  # type: ignore[method-assign]
    return parser


def _blocks(node: SyntaxTreeNode, site: str) -> Iterator[str]:
    for child in node.children:
        if text := _block(child, site):
            yield text


def _block(node: SyntaxTreeNode, site: str) -> str:
    if node.type in {"bullet_list", "ordered_list"}:
        return _list(node, site)
    if node.type == "table":
        return _table(node, site)
    if node.type == "fence":
        return f"{CODE}{node.content.strip()}{CODE}"
    if node.type == "blockquote":
        return "\n".join(f"> {line}" for line in "\n".join(_blocks(node, site)).splitlines())
    if node.type == "heading":
        return _inline(node, site, frozenset({"strong"}))
    return _inline(node, site, frozenset()) if node.type == "paragraph" else ""


def _list(node: SyntaxTreeNode, site: str) -> str:
    first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
    items = []
    for number, item in enumerate(node.children, first):
        lead = f"{number}. " if node.type == "ordered_list" else "- "
        body = "\n".join(_blocks(item, site)).replace("\n", f"\n{NESTED}")
        items.append(lead + body)
    return "\n".join(items)


def _table(node: SyntaxTreeNode, site: str) -> str:
    """A table as one line for each row: phones are narrow. The first cell is bold, the others carry their heading."""
    head, *bodies = node.children
    titles = [_inline(cell, site, frozenset()) for cell in head.children[0].children]
    lines = []
    for row in (row for body in bodies for row in body.children):
        first = _inline(row.children[0], site, frozenset({"strong"}))
        cells = zip(titles[1:], row.children[1:], strict=False)
        told = [f"{title}: {_inline(cell, site, frozenset())}".removeprefix(": ") for title, cell in cells]
        lines.append("- " + " · ".join([first, *told]))
    return "\n".join(lines)


def _inline(node: SyntaxTreeNode, site: str, styles: frozenset[str]) -> str:
    runs = [run for child in node.children for run in _runs(child, styles, site)]
    lines: list[list[Run]] = [[]]
    for run in _dialled(runs):
        if run.text == BREAK:
            lines.append([])
        else:
            lines[-1].append(run)
    return "\n".join(_line(line) for line in lines)


def _runs(node: SyntaxTreeNode, styles: frozenset[str], site: str) -> Iterator[Run]:
    if node.type == "text":
        yield Run(node.content, styles)
    elif node.type in {"softbreak", "hardbreak"}:
        yield Run(BREAK)
    elif node.type == "code_inline":
        yield Run(node.content, frozenset({"code"}))
    elif node.type == "link":
        words = [run for child in node.children for run in _runs(child, styles, site)]
        yield from words
        yield from _target(node, "".join(run.text for run in words), site)
    else:
        inner = styles | {node.type} if node.type in MARKS else styles
        for child in node.children:
            yield from _runs(child, inner, site)


def _target(node: SyntaxTreeNode, words: str, site: str) -> Iterator[Run]:
    """The link's address behind its words, unless they already are it."""
    url = str(node.attrs.get("href", ""))
    if url.startswith("/"):
        url = f"{site.rstrip('/')}{url}" if site else ""
    shown = re.sub(r"^(?:mailto|tel):", "", url, flags=re.IGNORECASE)
    same = _bare(shown) == _bare(words) or (url != shown and _bare(shown) in _bare(words))
    if shown and not same:
        yield Run(shown, link=url)


def _bare(text: str) -> str:
    return re.sub(r"^https?://(www\.)?|[\s/]", "", text.casefold())


def _dialled(runs: list[Run]) -> list[Run]:
    """``***4141**`` is the number *4141 in bold: written as code, since a lone star would pair up with another mark."""
    made: list[Run] = []
    for run in (one for one in runs if one.text):
        before = made[-1] if made else None
        if before and before.text.endswith("*") and run.text.isdigit() and "strong" in run.styles:
            made[-1] = replace(before, text=before.text[:-1])
            run = Run(f"*{run.text}", frozenset({"code"}))
        made.append(run)
    return [run for run in made if run.text]


def _line(runs: list[Run]) -> str:
    text = ""
    for index, run in enumerate(runs):
        following = runs[index + 1].text if index + 1 < len(runs) else ""
        if run.link:
            text += f" ({run.text})" if following.strip(" .,;") else f": {run.text}"
        else:
            text += _marked(run, text[-1:], following[:1])
    return text.strip()


def _marked(run: Run, before: str, after: str) -> str:
    """The run between its marks; bare where WhatsApp would show the marks themselves."""
    bare = run.text.strip()
    if not bare or not run.styles:
        return run.text
    if "code" in run.styles:
        return run.text.replace(bare, f"{CODE}{bare}{CODE}", 1)
    lead, _, trail = run.text.partition(bare)
    if (not lead and before.isalnum()) or (not trail and after.isalnum()):
        return run.text
    marked = bare
    for style in ("s", "em", "strong"):
        if style in run.styles and MARKS[style] not in bare:
            marked = f"{MARKS[style]}{marked}{MARKS[style]}"
    return f"{lead}{marked}{trail}"


def _cut(text: str, limit: int) -> int:
    """Where to end the first piece: at most ``limit`` counted characters, in the best place there is."""
    furthest = _furthest(text, limit)
    spans = [found.span() for found in _FORMATTED.finditer(text)]
    window = text[: furthest + 1]
    for place in _PLACES:
        ends = [found.start() for found in place.finditer(window) if found.start() <= furthest]
        allowed = [end for end in ends if end and not any(start < end < stop for start, stop in spans)]
        if allowed and (allowed[-1] > furthest // 2 or place is _PLACES[-1]):
            return allowed[-1]
    return furthest


def _furthest(text: str, limit: int) -> int:
    """The longest prefix that fits and ends between two characters as people see them."""
    used = index = 0
    while index < len(text) and (used := used + length(text[index])) <= limit:
        index += 1
    end = index
    while end > 0 and not _may_part(text, end):
        end -= 1
    return end or index


def _may_part(text: str, index: int) -> bool:
    if index >= len(text):
        return True
    mark, before = text[index], text[index - 1]
    toned = "\U0001f3fb" <= mark <= "\U0001f3ff"
    joined = mark in _JOINERS or before == "\u200d"
    return not (toned or joined or unicodedata.combining(mark) or _inside_flag(text, index))


def _inside_flag(text: str, index: int) -> bool:
    """A flag is two letters of its own alphabet, so an odd number of them before ``index`` means its middle."""
    letters = _FLAG_LETTERS.search(text[:index])
    return bool(letters and len(letters[0]) % 2 and _FLAG_LETTERS.match(text[index]))
