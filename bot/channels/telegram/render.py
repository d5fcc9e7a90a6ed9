"""Renders styled runs as Telegram messages, and answers for the preview on the editors' page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import unescape

from bot.agency.offices import Office
from bot.channels.formatting.actions import actions_of, without_actions
from bot.channels.formatting.bubble import Bubble, buttons_html
from bot.channels.formatting.event_spans import event_spans
from bot.channels.formatting.markup import plain_text, telegram_html
from bot.channels.formatting.spans import Spans, utf16_length
from bot.channels.formatting.splitting import split
from bot.channels.outgoing.channel import Choice, Chunk
from bot.core.channels import traits_of
from bot.core.events import Event
from bot.core.messages import Channel

CALLBACK_BYTES = 64
SHORT_TITLE = 3  # maximum characters of a title that may share its row
TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class TelegramChunk(Chunk):
    """A message with HTML in ``text``; ``plain`` is sent instead if Telegram rejects the HTML."""

    plain: str = ""


def pieces(spans: Spans, limit: int) -> list[TelegramChunk]:
    """Renders runs as messages of at most ``limit`` characters, as Telegram counts them."""
    cut = split(spans, limit, utf16_length)
    return [TelegramChunk(text=telegram_html(piece), plain=plain_text(piece)) for piece in cut]


def spans_of(event: Event, site: str, offices: tuple[Office, ...]) -> Spans:
    """Returns the runs of an event's text, without its actions, which become buttons."""
    return event_spans(without_actions(event), site=site, offices=offices)


def texts(event: Event, spans: Spans) -> list[TelegramChunk]:
    """Renders an event's ``spans`` as messages, the last with the event's choices and actions as buttons."""
    chunks = pieces(spans, traits_of(Channel.TELEGRAM).text_limit)
    if chunks:
        chunks[-1] = replace(chunks[-1], choices=_choices(event))
    return chunks


def _choices(event: Event) -> tuple[Choice, ...]:
    offered = (Choice(one.id, one.title) for one in event.message.buttons)
    links = (Choice("", title, url) for title, url in actions_of(event))
    return (*links, *(one for one in offered if 0 < len(one.id.encode()) <= CALLBACK_BYTES))


def rows_of(choices: Sequence[Choice]) -> list[list[Choice]]:
    """Arranges buttons in rows: one row per choice, but consecutive titles as short as «Sí» and «No» share a row."""
    rows: list[list[Choice]] = []
    for choice in choices:
        fits = rows and len(choice.title) <= SHORT_TITLE and len(rows[-1][-1].title) <= SHORT_TITLE
        if fits:
            rows[-1].append(choice)
        else:
            rows.append([choice])
    return rows


def bubbles(event: Event, site: str, offices: tuple[Office, ...] = ()) -> list[Bubble]:
    """Returns the messages of an answer as safe HTML, in which newlines are line breaks (no ``<br>``)."""
    return [_bubble(chunk) for chunk in texts(event, spans_of(event, site, offices))]


def _bubble(chunk: TelegramChunk) -> Bubble:
    below = buttons_html([[(one.title, one.url) for one in row] for row in rows_of(chunk.choices)])
    return Bubble(chunk.text + below, utf16_length(unescape(TAG.sub("", chunk.text))))
