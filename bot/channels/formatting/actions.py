"""Finds the actions in an answer: bold links that are a paragraph of their own, such as ``**[Pedir hora](https://…)**``.

The web shows them as buttons (html.py), Telegram as buttons below the message, WhatsApp as text.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.core.events import Event

_ACTION = re.compile(r"(?:^|\n\n)\*\*\[(?P<title>[^\]\n]+)\]\((?P<url>https?://[^\s)]+)\)\*\*[ \t]*(?=\n\n|\n?\Z)")


def actions_of(event: Event) -> tuple[tuple[str, str], ...]:
    """Returns the title and the URL of each action; () if the event's text is not Markdown."""
    if not event.is_markdown:
        return ()
    return tuple((one["title"], one["url"]) for one in _ACTION.finditer(event.text))


def without_actions(event: Event) -> Event:
    """Returns the event without its actions; unchanged if its text has no actions or would become empty."""
    text = _ACTION.sub("", event.text).strip()
    return replace(event, text=text) if text and actions_of(event) else event
