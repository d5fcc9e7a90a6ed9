"""Converts a message event into styled runs, with the staff member's name and the answer's source."""

from __future__ import annotations

from dataclasses import replace

from bot.agency.offices import Office
from bot.channels.formatting.markdown_spans import markdown_spans
from bot.channels.formatting.office_addresses import office_addresses
from bot.channels.formatting.spans import Run, Spans
from bot.core.events import Event
from bot.core.messages import Author
from bot.core.texts import say


def event_spans(event: Event, *, site: str = "", question: str = "pregunta", offices: tuple[Office, ...] = ()) -> Spans:
    """Returns a message's runs as the citizen reads them: the staff member's name, title, text, source and question.

    The question is the text ``canales.util.<question>``; it asks whether the answer helped, and is left out if the
    answer cannot be rated. A message that is not Markdown consists only of name and text. ``site`` is PUBLIC_URL, the
    base of links such as ``/privacidad``; if it is empty, such links become plain text. The first mention of each
    office's address links to the office's map, if the map has an https URL.
    """
    name = event.message.name if event.author is Author.STAFF else ""
    named = (Run(f"{name}:", bold=True), Run("\n")) if name else ()
    if not event.is_markdown:
        return (*named, Run(event.text))
    runs = _with_maps(markdown_spans(event.text), offices)
    title = (Run(event.message.title, bold=True), Run("\n\n")) if event.message.title else ()
    spans = (*named, *title, *(_resolved(run, site) for run in runs))
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


def _with_maps(runs: Spans, offices: tuple[Office, ...]) -> Spans:
    """Links the first mention of each office's address to the office's map, if the map has an https URL."""
    linked: set[str] = set()
    shown: list[Run] = []
    for run in runs:
        end = 0
        for found in office_addresses(run.text, offices) if not (run.link or run.code) else ():
            url = found.office.map_url
            if url in linked or not url.startswith("https://"):
                continue
            linked.add(url)
            address = replace(run, text=run.text[found.start : found.end], link=url)
            shown += [replace(run, text=run.text[end : found.start]), address]
            end = found.end
        shown.append(replace(run, text=run.text[end:]))
    return tuple(run for run in shown if run.text)
