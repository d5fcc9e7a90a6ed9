"""Converts a message event into what the citizen's browser shows."""

from __future__ import annotations

from dataclasses import dataclass

from bot.agency.offices import OPENSTREETMAP, Office
from bot.channels.formatting.html import event_html, is_safe_link
from bot.channels.formatting.places import map_url
from bot.conversation.file_links import FileLinks
from bot.conversation.files import kept_of, size_in_words
from bot.core.event_facts import OfferedButton
from bot.core.events import Event, EventKind
from bot.core.json_fields import JsonFields, SparseFields
from bot.core.messages import Attachment, Provenance, Source
from bot.text.emergency_numbers import emergency_numbers_in

# Minimum probability for each degree of confidence that is shown with an answer.
SURENESS = {"very": 0.97, "fairly": 0.85, "little": 0.0}


@dataclass(frozen=True)
class ShownFile(JsonFields):
    """A file as the browser shows it; ``size`` is text such as «120 KB»."""

    name: str
    url: str
    type: str
    size: str


@dataclass(frozen=True)
class Reasons(JsonFields):
    """The reasons shown with an answer; ``sureness`` is a key of SURENESS, ``reviewed`` an ISO date or ''."""

    question: str
    reviewed: str
    sureness: str
    approved: bool

    @classmethod
    def of(cls, proof: Provenance) -> Reasons:
        sureness = next(name for name, least in SURENESS.items() if proof.confidence >= least)
        return cls(proof.question, proof.reviewed, sureness, bool(proof.approved_by))


@dataclass(frozen=True)
class ShownEvent(SparseFields):
    """A message as the citizen's browser receives it; ``at`` is in ms since 1970. ChatEvent describes the fields."""

    id: str
    at: int
    author: str
    kind: str
    html: str
    text: str
    buttons: tuple[OfferedButton, ...]
    source: Source | None = None
    files: tuple[ShownFile, ...] = ()
    message_id: str = ""
    name: str = ""
    language: str = ""
    entry: str = ""
    why: Reasons | None = None
    fold_after: int = 0
    title: str = ""
    map: str = ""  # link to the position that the citizen shared
    rating_id: str = ""
    calls: tuple[str, ...] | None = None  # emergency numbers to call; empty if the citizen denied the emergency
    removed_by: str = ""  # name of the person who removed the message's words; '' if it was not removed
    removed_at: int = 0


@dataclass(frozen=True)
class Links:
    """What the messages of a conversation link to.

    ``files`` builds the URLs of files. The addresses of ``offices`` in an answer link to the map; ``maps`` is the map's
    URL with a placeholder, for a shared position.
    """

    files: FileLinks
    offices: tuple[Office, ...] = ()
    maps: str = OPENSTREETMAP


def browser_event(event: Event, links: Links) -> ShownEvent | None:
    """Converts a message event for the citizen's browser; returns None for other kinds of events."""
    if event.kind is not EventKind.MESSAGE:
        return None
    facts = event.message
    files = kept_of(event)
    return ShownEvent(
        id=event.id,
        at=event.at,
        author=event.author.value,
        kind=event.kind.value,
        html=event_html(event, links.offices),
        text=event.text,
        buttons=facts.buttons,
        source=shown_source(facts.source),
        files=tuple(_file(event, one, links.files) for one in files),
        message_id=facts.message_id,
        name=facts.name,
        language=facts.language,
        entry=facts.provenance.entry if facts.provenance else "",
        why=Reasons.of(facts.provenance) if facts.provenance and facts.provenance.entry else None,
        fold_after=facts.fold_after,
        title=facts.title,
        map=map_url(facts.place, links.maps) if facts.place else "",
        rating_id=facts.rating_id,
        calls=_calls(event),
        removed_by=facts.removed_by,
        removed_at=facts.removed_at,
    )


def shown_source(source: Source | None) -> Source | None:
    """Returns the official source of an answer, with a title; None if there is none or its link is not safe."""
    if source is None or not is_safe_link(source.url):
        return None
    return Source(source.title or source.url, source.url)


def _calls(event: Event) -> tuple[str, ...] | None:
    danger = event.message.danger
    if danger is None or not danger.sure:
        return None
    return () if danger.denied else emergency_numbers_in(event.text) or None


def _file(event: Event, one: Attachment, links: FileLinks) -> ShownFile:
    return ShownFile(one.name, links.path(event.conversation, one), one.type, size_in_words(one.size))
