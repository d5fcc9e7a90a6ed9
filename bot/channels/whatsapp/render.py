"""Renders an event as WhatsApp messages, with choices in one of three ways.

1. **buttons** (quick reply): up to 3 choices of 20 characters, through a template of the agency;
2. **list** (list picker): up to 10 choices, each with a title of 24 characters and a description of 72, through a
   template;
3. **numbers**: numbered lines, in all other cases. Every channel accepts the number, the title and the click as an
   answer (bot/turns/buttons.py).

Limits: twilio.com/docs/content/twilio-quick-reply, .../twiliolist-picker, docs/api/errors/21617.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from bot.agency.offices import Office
from bot.agency.whatsapp_templates import MAX_ANSWER, MAX_BUTTONS, MAX_ITEMS, Templates
from bot.channels.formatting.bubble import Bubble
from bot.channels.formatting.event_spans import event_spans
from bot.channels.formatting.spans import Run, Spans, utf16_length
from bot.channels.outgoing.channel import Choice, Chunk, with_files
from bot.channels.whatsapp.text import as_read, pieces
from bot.conversation.files import kept_of
from bot.core.channels import traits_of
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Channel, MediaKind
from bot.core.texts import say

MAX_WITH_CHOICES = 1024
BUTTON_TITLE = 20
ITEM_TITLE = 24
ITEM_DESCRIPTION = 72
ELLIPSIS = "…"


@dataclass(frozen=True)
class WhatsAppChunk(Chunk):
    """A message for Twilio; with ``template`` and ``variables`` it is sent through that template.

    ``after_window`` is True if the message may be sent through the approved template after the 24-hour window.
    """

    template: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    after_window: bool = False

    def content(self, media_url: str = "") -> dict[str, Any]:
        """Returns the message as parameters of the SDK.

        Twilio fetches its file from ``media_url``; '' if it has no file.
        """
        if media_url:
            return {"media_url": [media_url]} | ({"body": self.text} if self.text else {})
        if not self.template:
            return {"body": self.text}
        variables = json.dumps(dict(self.variables), ensure_ascii=False)
        return {"content_sid": self.template, "content_variables": variables}


def render(
    event: Event, templates: Templates, site: str = "", *, offices: tuple[Office, ...] = ()
) -> tuple[WhatsAppChunk, ...]:
    """Renders the event of a message to a citizen as WhatsApp messages, in order; returns () for any other event.

    ``site`` is PUBLIC_URL, the base of links such as ``/privacidad``; addresses of ``offices`` are linked to a map.
    """
    if event.kind is not EventKind.MESSAGE or event.author is Author.CITIZEN:
        return ()
    spans = _spans(event, site, offices)
    if event.author is Author.STAFF:
        return _by_staff(event, spans)
    chunks = _said(spans, _choices(event), templates)
    return tuple(replace(chunk, after_window=True) for chunk in chunks) if event.message.after_window else chunks


def bubbles(event: Event, site: str, offices: tuple[Office, ...] = ()) -> list[Bubble]:
    """Returns the messages of an answer as safe HTML, in which newlines are line breaks (no ``<br>``)."""
    return [Bubble(as_read(text), utf16_length(text)) for text in pieces(_spans(event, site, offices), _text_limit())]


def _by_staff(event: Event, spans: Spans) -> tuple[WhatsAppChunk, ...]:
    """Renders text and files from staff; only pictures can have a caption, so a document follows its text."""
    chunks = [WhatsAppChunk(text, after_window=True) for text in pieces(spans, _text_limit())]
    files = kept_of(event)
    captioned = bool(files) and files[0].kind is MediaKind.PHOTO and len(pieces(spans, MAX_WITH_CHOICES)) == 1
    return with_files(
        chunks, files, caption=chunks[0] if captioned else None, alone=WhatsAppChunk("", after_window=True)
    )


def join(
    events: tuple[Event, ...], templates: Templates, site: str = "", *, offices: tuple[Office, ...] = ()
) -> WhatsAppChunk | None:
    """Renders the replies of one turn as one message, so that the citizen's phone rings once.

    ``site`` and ``offices`` are as in ``render``. Returns None if the replies do not fit, if choices would lose their
    buttons or belong to an earlier reply, if staff wrote one of the replies, or if one of them may be sent after the
    24-hour window.
    """
    *earlier, last = events
    if any(one.kind is not EventKind.MESSAGE or one.author in {Author.STAFF, Author.CITIZEN} for one in events):
        return None
    if any(_choices(one) for one in earlier) or any(one.message.after_window for one in events):
        return None
    spans = [run for one in events for run in (Run("\n\n"), *_spans(one, site, offices))][1:]
    chunks = _said(tuple(spans), _choices(last), templates)
    alone = render(last, templates, site, offices=offices)
    if len(chunks) != 1 or (alone and alone[-1].template and not chunks[0].template):
        return None
    return chunks[0]


def _said(spans: Spans, choices: tuple[Choice, ...], templates: Templates) -> tuple[WhatsAppChunk, ...]:
    if not choices:
        return tuple(WhatsAppChunk(text) for text in pieces(spans, _text_limit()))
    tapped = pieces(spans, MAX_WITH_CHOICES)
    if len(tapped) == 1 and (chunk := _with_template(tapped[0], choices, templates)):
        return (chunk,)
    numbered = pieces((*spans, Run(_numbered(choices))), _text_limit())
    return (*(WhatsAppChunk(text) for text in numbered[:-1]), WhatsAppChunk(numbered[-1], choices))


def _text_limit() -> int:
    return traits_of(Channel.WHATSAPP).text_limit


def _spans(event: Event, site: str, offices: tuple[Office, ...]) -> Spans:
    return event_spans(event, site=site, question="pregunta_palabras", offices=offices)


def _choices(event: Event) -> tuple[Choice, ...]:
    """Returns the choices to show; () for the question whether an answer helped, which the citizen answers by text."""
    shown = () if event.message.rating_id else event.message.buttons
    return tuple(Choice(one.id, one.title) for one in shown)


def answer_template(chunk: WhatsAppChunk, templates: Templates) -> WhatsAppChunk | None:
    """Renders a chunk through the approved template.

    Returns None if there is no template, or if the chunk may not use it, has a file or has too much text.
    """
    line = " ".join(chunk.text.split())  # Meta rejects line breaks in a variable
    if not chunk.after_window or chunk.file or not templates.answer or utf16_length(line) > MAX_ANSWER:
        return None
    return WhatsAppChunk(chunk.text, template=templates.answer, variables=(("1", line),), after_window=True)


def _with_template(text: str, choices: tuple[Choice, ...], templates: Templates) -> WhatsAppChunk | None:
    count = len(choices)
    short = all(utf16_length(one.title) <= BUTTON_TITLE for one in choices)
    if count <= MAX_BUTTONS and short and count in templates.buttons:
        values = [value for one in choices for value in (one.title, one.id)]
        return WhatsAppChunk(text, choices, template=templates.buttons[count], variables=_variables(text, values))
    fits = all(utf16_length(one.title) <= ITEM_DESCRIPTION for one in choices)
    if count <= MAX_ITEMS and fits and count in templates.lists:
        values = [value for one in choices for value in (*_item(one.title), one.id)]
        return WhatsAppChunk(text, choices, template=templates.lists[count], variables=_variables(text, values))
    return None


def _variables(text: str, values: list[str]) -> tuple[tuple[str, str], ...]:
    return tuple((str(number), value) for number, value in enumerate((text, *values), 1))


def _item(title: str) -> tuple[str, str]:
    """Returns a list item's title and description; if the title is shortened, the description is the full title."""
    if utf16_length(title) <= ITEM_TITLE:
        return title, say("canales.elegir")
    cut = title
    while utf16_length(cut) > ITEM_TITLE - len(ELLIPSIS):
        cut = cut[:-1]
    return cut.rstrip() + ELLIPSIS, title


def _numbered(choices: tuple[Choice, ...]) -> str:
    lines = [f"{number}. {one.title}" for number, one in enumerate(choices, 1)]
    return "\n\n" + "\n".join([*lines, "", say("canales.responde_numero")])
