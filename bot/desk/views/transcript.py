"""Builds the JSON of transcript events for the desk's browser, with all Spanish texts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.agency.offices import OPENSTREETMAP
from bot.agency.territory import Territory
from bot.channels.formatting.html import event_html, shown_source
from bot.core.event_facts import ApprovalDecision, MessageFacts, NoteFacts, RatingFacts, TicketChange
from bot.core.events import Event, EventKind
from bot.core.json_fields import JsonFields, SparseFields
from bot.core.messages import Author, Priority, Provenance, RemovalFacts, Source
from bot.desk.views.changes import change_words, reason_words
from bot.desk.views.extras import AttachedView, attached_views
from bot.handoff.matter import NO_TITLES, tells_matter


@dataclass(frozen=True)
class ProofView(JsonFields):
    """The provenance of an answer; ``percent`` is the assistant's confidence."""

    entry: str
    version: str
    question: str
    responsible: str
    reviewed: str
    approved_by: str
    percent: int


@dataclass(frozen=True)
class EventView(SparseFields):
    """An event as the transcript shows it; JSON leaves out fields that have their default value."""

    id: str
    kind: str
    author: str
    text: str
    at: int
    name: str
    language: str
    reply_id: str
    buttons: tuple[str, ...]
    html: str | None = None  # sanitized HTML of the project's own Markdown; other texts are plain
    score: int | None = None
    # The next five fields belong to changes to the conversation:
    reason_words: str | None = None
    priority: str | None = None
    owner_name: str | None = None
    why: str | None = None
    words: str = ""
    provenance: ProofView | None = None
    source: Source | None = None
    attached: tuple[AttachedView, ...] = ()
    edited: bool = False  # whether the message corrects an earlier one
    matter: bool = False  # whether a citizen's message says what they want
    removed_by: str = ""  # name of the person who removed the message
    removed_at: int = 0
    removes: str = ""  # the id of the message that this event removes


def event_view(
    event: Event,
    territory: Territory | None = None,
    titles: frozenset[str] = NO_TITLES,
    *,
    maps: str = OPENSTREETMAP,
) -> EventView:
    """Builds the view of an event; with a ``territory``, the view says whether a location is inside it.

    ``titles`` are the titles of buttons that say nothing about the matter (``button_titles``); ``maps`` is the template
    of the links to locations.
    """
    facts = event.message
    made = EventView(
        id=event.id,
        kind=event.kind.value,
        author=event.author.value,
        text=event.text,
        at=event.at,
        name=event.facts.name if isinstance(event.facts, MessageFacts | NoteFacts) else "",
        language=facts.language,
        reply_id=facts.reply_id,
        buttons=tuple(one.title for one in facts.buttons),
        html=event_html(event) if _has_html(event) else None,
        words=change_words(event),
        provenance=_proof(facts.provenance) if facts.provenance else None,
        source=shown_source(facts.source),
        attached=attached_views(event, territory, maps),
        edited=bool(facts.edits),
        matter=event.author is Author.CITIZEN and tells_matter(event.text, titles),
        removed_by=facts.removed_by,
        removed_at=facts.removed_at,
        removes=event.facts.of if isinstance(event.facts, RemovalFacts) else "",
    )
    return made if event.kind is EventKind.MESSAGE else _change(made, event)


def percent(confidence: float) -> int:
    return round(confidence * 100)


def _has_html(event: Event) -> bool:
    unsent = event.kind is EventKind.PROPOSAL_DECIDED and bool(event.text)
    return event.is_markdown and (event.kind is EventKind.MESSAGE or unsent)


def _change(made: EventView, event: Event) -> EventView:
    if isinstance(event.facts, RatingFacts):
        return replace(made, score=event.facts.score)
    facts = event.facts
    owner, why = (facts.owner_name, facts.why) if isinstance(facts, TicketChange | ApprovalDecision) else ("", "")
    reason = reason_words(event.ticket) if event.ticket else ""
    priority = event.ticket.priority if event.ticket else Priority.NORMAL.value
    return replace(made, reason_words=reason, priority=priority, owner_name=owner, why=why)


def _proof(proof: Provenance) -> ProofView:
    return ProofView(
        entry=proof.entry,
        version=proof.version,
        question=proof.question,
        responsible=proof.responsible,
        reviewed=proof.reviewed,
        approved_by=proof.approved_by,
        percent=percent(proof.confidence),
    )
