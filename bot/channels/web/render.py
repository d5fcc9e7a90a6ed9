"""Renders an answer as the web chat shows it, for the preview on the editors' page."""

from __future__ import annotations

from html import escape

from bot.agency.offices import Office
from bot.channels.formatting.html import event_html, shown_source
from bot.core.events import Event
from bot.core.texts import say


def bubbles(event: Event, _site: str, offices: tuple[Office, ...] = ()) -> list[str]:
    """Returns the answer with its source as safe HTML."""
    source = shown_source(event.message.source)
    link = f'<a href="{escape(source.url)}">{escape(source.title)}</a>' if source else ""
    return [event_html(event, offices) + (f"<p>{escape(say('canales.fuente'))}: {link}</p>" if link else "")]
