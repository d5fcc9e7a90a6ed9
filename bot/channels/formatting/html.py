"""Renders messages as safe HTML: Markdown from entries, plain text from staff and citizens.

Escapes raw HTML, allows only links with http(s), mailto, tel or a path of this site, and disables images.

Also builds the messages that the citizen's browser receives (ShownEvent).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from bot.agency.offices import Office
from bot.channels.formatting.markup import WEB
from bot.channels.formatting.office_addresses import office_addresses
from bot.channels.formatting.phone_numbers import counts_something, is_short_number, phone_numbers
from bot.core.events import Event
from bot.core.messages import Author
from bot.text.brief import briefly_cached

SAFE_LINK = re.compile(r"(?:https?://[^/]|mailto:|tel:|/(?![/\\]))", re.IGNORECASE)
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)»]")
CACHED_ANSWERS = 512
ACTION = ["strong_open", "link_open", "text", "link_close", "strong_close"]  # the tokens of ``**[title](url)**``
OFFICES = "offices"  # key in the parser's environment


def is_safe_link(url: str) -> bool:
    """Returns whether a URL is http(s), mailto, tel or a path of this site; other links are shown as text."""
    return SAFE_LINK.match(url.strip()) is not None


def _link_open(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    if not str(token.attrGet("href")).startswith(("mailto:", "tel:", "geo:")):
        token.attrSet("target", "_blank")
        token.attrSet("rel", "noopener noreferrer")
    html: str = renderer.renderToken(tokens, index, options, env)  # type: ignore[attr-defined]
    return html


def _link_words(state: StateCore) -> None:
    """Turns phone numbers into ``tel:`` links and the offices' addresses into links to the office's map.

    Bold short numbers such as ``**131**`` and ``***4141**`` are phone numbers, too. A bold link to a web page that is
    a paragraph of its own, outside lists, gets the class ``action``.
    """
    for block in state.tokens:
        children = block.children or []
        _move_stars(children)
        block.children = list(_with_links(children, state.env[OFFICES])) if block.children else block.children
        if block.level == 1:  # not in a list
            _mark_action(block.children or [])


def _mark_action(children: list[Token]) -> None:
    shown = [one for one in children if one.type != "text" or one.content]
    link = shown[1] if [one.type for one in shown] == ACTION else None
    if link and str(link.attrGet("href")).startswith(WEB):
        link.attrSet("class", "action")


def _move_stars(children: list[Token]) -> None:
    """Moves the star of ``***4141**`` into the bold text; the parser leaves the star before it."""
    for before, opens, number in zip(children, children[1:], children[2:], strict=False):
        if opens.type == "strong_open" and before.content.endswith("*") and is_short_number(number.content):
            before.content = before.content[:-1]
            number.content = f"*{number.content}"


def _with_links(children: Sequence[Token], offices: tuple[Office, ...]) -> Iterator[Token]:
    linked = False
    for index, child in enumerate(children):
        linked = child.type == "link_open" or (linked and child.type != "link_close")
        if linked or child.type != "text":
            yield child
        elif _is_bold_number(children, index):
            yield from _linked(child.content, f"tel:{child.content}")
        else:
            yield from _pieces(child.content, offices)


def _is_bold_number(children: Sequence[Token], index: int) -> bool:
    """Returns whether the text is a short phone number in bold; ``**131**`` in ``**131** UTM`` is an amount."""
    alone = 0 < index < len(children) - 1 and children[index - 1].type == "strong_open"
    if not alone or children[index + 1].type != "strong_close" or not is_short_number(children[index].content):
        return False
    return index + 2 >= len(children) or not counts_something(children[index + 2].content)


def _pieces(text: str, offices: tuple[Office, ...]) -> Iterator[Token]:
    phones = [(one.start, one.end, f"tel:{one.dialled}") for one in phone_numbers(text)]
    maps = [(one.start, one.end, one.office.map_url) for one in office_addresses(text, offices)]
    shown = 0
    for start, end, url in sorted([*phones, *maps]):
        if start < shown:
            continue
        yield _text(text[shown:start])
        yield from _linked(text[start:end], url)
        shown = end
    yield _text(text[shown:])


def _linked(shown: str, url: str) -> tuple[Token, ...]:
    return Token("link_open", "a", 1, attrs={"href": url}), _text(shown), Token("link_close", "a", -1)


def _text(text: str) -> Token:
    return Token("text", "", 0, content=text)


def _paragraph_for_heading(renderer: RendererProtocol, tokens: Sequence[Token], index: int, *_: Any) -> str:
    """Renders a heading as a bold paragraph, since a heading tag would break the heading order of the page."""
    return "<p><strong>" if tokens[index].nesting == 1 else "</strong></p>\n"


def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable(["image", "code"])
    parser.validateLink = is_safe_link  # type: ignore[method-assign]
    parser.core.ruler.push("links", _link_words)
    parser.add_render_rule("link_open", _link_open)
    parser.add_render_rule("heading_open", _paragraph_for_heading)
    parser.add_render_rule("heading_close", _paragraph_for_heading)
    return parser


@briefly_cached(CACHED_ANSWERS)
def markdown_html(text: str, offices: tuple[Office, ...] = ()) -> str:
    """Renders the assistant's Markdown as safe HTML; cached, since most replies are FAQ answers.

    The addresses of ``offices`` are linked to the office's map.
    """
    html: str = _markdown().render(text, {OFFICES: offices})
    return html.strip()


def markdown_blocks(text: str, offices: tuple[Office, ...] = ()) -> tuple[str, ...]:
    """Returns the paragraphs, lists and tables of ``markdown_html``, each as HTML of its own."""
    parser, env = _markdown(), {OFFICES: offices}
    blocks: list[list[Token]] = [[]]
    for token in parser.parse(text, env):
        blocks[-1].append(token)
        if token.level == 0 and token.nesting <= 0:
            blocks.append([])
    return tuple(str(parser.renderer.render(some, parser.options, env)).strip() for some in blocks if some)


def plain_html(text: str, *, links: bool = False) -> str:
    """Converts plain text into safe HTML with its line breaks; ``links`` links web addresses and phone numbers."""
    if not links:
        return _lines(text)
    chunks: list[str] = []
    end = 0
    for found in WEB_ADDRESS.finditer(text):
        address = escape(found.group())
        chunks += [
            _with_tel(text[end : found.start()]),
            f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>',
        ]
        end = found.end()
    return "".join([*chunks, _with_tel(text[end:])])


def _with_tel(text: str) -> str:
    chunks: list[str] = []
    end = 0
    for number in phone_numbers(text):
        shown = _lines(text[number.start : number.end])
        chunks += [_lines(text[end : number.start]), f'<a href="tel:{number.dialled}">{shown}</a>']
        end = number.end
    return "".join([*chunks, _lines(text[end:])])


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def event_html(event: Event, offices: tuple[Office, ...] = ()) -> str:
    """Renders a message as safe HTML: as Markdown if ``event.is_markdown``, else as plain text."""
    if event.is_markdown:
        return markdown_html(event.text, offices)
    return plain_html(event.text, links=event.author is Author.STAFF)
