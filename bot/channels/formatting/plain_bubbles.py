"""Shows an answer as the plain text of a channel that has no ``render.py``."""

from __future__ import annotations

from html import escape

from bot.agency.offices import Office
from bot.channels.formatting.bubble import Bubble
from bot.channels.formatting.event_spans import event_spans
from bot.channels.formatting.markup import plain_text
from bot.channels.formatting.spans import Run, utf16_length
from bot.channels.formatting.splitting import split
from bot.core.events import Event


def plain_bubbles(event: Event, limit: int, site: str, offices: tuple[Office, ...]) -> list[Bubble]:
    """Returns the messages of an answer, each of at most ``limit`` characters (0: a single message), without buttons.

    In the HTML, newlines are line breaks (no ``<br>``). ``site`` is PUBLIC_URL; addresses of ``offices`` are followed
    by the URL of a map.
    """
    spans = event_spans(event, site=site, offices=offices)
    texts = map(plain_text, split(spans, limit, utf16_length, cost=_length) if limit else (spans,))
    return [Bubble(escape(text), utf16_length(text)) for text in texts]


def _length(run: Run) -> int:
    return utf16_length(plain_text((run,)))
