"""Finds the actions in an answer: bold links that are a paragraph of their own, such as ``**[Pedir hora](https://…)**``.

The web chat shows an action as a button (html.py), Telegram as a button below the message, and WhatsApp, which has no
link buttons, as text. Telegram rejects a button to a host without a dot, such as ``intranet``; there, such a link stays
in the text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from bot.core.events import Event

_ACTION = re.compile(r"(?:^|\n\n)\*\*\[(?P<title>[^\]\n]+)\]\((?P<url>https?://[^\s)]+)\)\*\*[ \t]*(?=\n\n|\n?\Z)")


def actions_of(event: Event) -> tuple[tuple[str, str], ...]:
    """Returns the title and the URL of each action whose host has a dot; () if the event's text is not Markdown."""
    if not event.is_markdown:
        return ()
    return tuple((one["title"], one["url"]) for one in _ACTION.finditer(event.text) if _is_public(one["url"]))


def without_actions(event: Event) -> Event:
    """Returns the event without the actions of ``actions_of``; unchanged if no other text would be left."""
    text = _ACTION.sub(lambda one: "" if _is_public(one["url"]) else one[0], event.text).strip()
    return replace(event, text=text) if text and actions_of(event) else event


def _is_public(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return "." in host.strip(".")
