"""Converts a message event into styled runs, with the staff member's name and the answer's source."""

from __future__ import annotations

from dataclasses import replace

from bot.channels.formatting.markdown_spans import markdown_spans
from bot.channels.formatting.spans import Run, Spans
from bot.core.events import Event
from bot.core.messages import Author
from bot.core.texts import say


def event_spans(event: Event, *, site: str = "", question: str = "pregunta") -> Spans:
    """Returns a message's runs as the citizen reads them: the staff member's name first, the answer's source last.

    If the citizen is asked whether the answer helped, the text ``question`` of canales.util follows the source.
    ``site`` is PUBLIC_URL, the base of links such as ``/privacidad``; if empty, such links become plain text.
    """
    name = event.message.name if event.author is Author.STAFF else ""
    named = (Run(f"{name}:", bold=True), Run("\n")) if name else ()
    if not event.is_markdown:
        return (*named, Run(event.text))
    spans = (*named, *(_resolved(run, site) for run in markdown_spans(event.text)))
    source = event.message.source
    if source and source.url.startswith(("http://", "https://")):
        label = Run(f"\n\n{say('canales.fuente')}: ")
        spans = (*spans, label, Run(source.title or source.url, link=source.url))
    if event.message.rating_id:
        spans = (*spans, Run("\n\n"), Run(say(f"canales.util.{question}"), italic=True))
    return spans


def _resolved(run: Run, site: str) -> Run:
    if run.link.startswith("/") and not run.link.startswith("//"):
        return replace(run, link=site.rstrip("/") + run.link if site else "")
    return run
