"""Defines a message as the preview on the editors' page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bot.channels.formatting.markup import WEB


@dataclass(frozen=True)
class Bubble:
    """A message of a channel: safe HTML, with its buttons, and the length of its text as the channel counts it."""

    html: str
    length: int


def buttons_html(rows: Sequence[Sequence[tuple[str, str]]]) -> str:
    """Returns the HTML of the rows of buttons below a message; '' if there are none.

    A button is a pair: its title, and the URL that it opens, or '' if it sends an answer.
    """
    shown = "".join(f"<div>{''.join(_key(title, url) for title, url in row)}</div>" for row in rows)
    return f'<div class="keys">{shown}</div>' if rows else ""


def _key(title: str, url: str) -> str:
    if not url.startswith(WEB):
        return f'<span class="key">{escape(title)}</span>'
    return f'<a class="key" href="{escape(url)}" target="_blank" rel="noopener noreferrer">{escape(title)}</a>'
