"""Renders styled runs as Telegram messages, and answers for the preview on the editors' page."""

from __future__ import annotations

from dataclasses import dataclass

from bot.agency.offices import Office
from bot.channels.formatting.event_spans import event_spans
from bot.channels.formatting.markup import plain_text, telegram_html
from bot.channels.formatting.spans import Spans, utf16_length
from bot.channels.formatting.splitting import split
from bot.channels.outgoing.channel import Chunk
from bot.core.channels import traits_of
from bot.core.events import Event
from bot.core.messages import Channel


@dataclass(frozen=True)
class TelegramChunk(Chunk):
    """A message with HTML in ``text``; ``plain`` is sent instead if Telegram rejects the HTML."""

    plain: str = ""


def pieces(spans: Spans, limit: int) -> list[TelegramChunk]:
    """Renders runs as messages of at most ``limit`` characters, as Telegram counts them."""
    cut = split(spans, limit, utf16_length)
    return [TelegramChunk(text=telegram_html(piece), plain=plain_text(piece)) for piece in cut]


def bubbles(event: Event, site: str, offices: tuple[Office, ...] = ()) -> list[str]:
    """Returns the messages of an answer as safe HTML, in which newlines are line breaks (no ``<br>``)."""
    limit = traits_of(Channel.TELEGRAM).text_limit
    return [chunk.text for chunk in pieces(event_spans(event, site=site, offices=offices), limit)]
