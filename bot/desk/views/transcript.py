"""Builds the JSON of transcript events for the desk's browser, with all Spanish texts."""

from __future__ import annotations

from bot.agency.offices import OPENSTREETMAP
from bot.agency.territory import Territory
from bot.channels.formatting.html import event_html
from bot.channels.formatting.shown_event import shown_source
from bot.core.event_facts import ApprovalDecision, MessageFacts, NoteFacts, RatingFacts, TicketChange
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Priority, Provenance, RemovalFacts, Source
from bot.desk import shapes
from bot.desk.shapes import SourceLink, TranscriptEvent
from bot.desk.views.changes import change_words, reason_words
from bot.desk.views.extras import attached_things
from bot.handoff.matter import NO_TITLES, states_matter


def event_view(
    event: Event,
    territory: Territory | None = None,
    titles: frozenset[str] = NO_TITLES,
    *,
    maps: str = OPENSTREETMAP,
) -> TranscriptEvent:
    """Builds the JSON of an event; with ``territory``, it states whether a location is inside the territory.

    ``titles`` are the titles of buttons that say nothing about the matter (``button_titles``); ``maps`` is the template
    of the links to locations.
    """
    facts = event.message
    made = TranscriptEvent(
        id=event.id,
        kind=event.kind.value,
        author=event.author,
        text=event.text,
        at=event.at,
        name=event.facts.name if isinstance(event.facts, MessageFacts | NoteFacts) else "",
        language=facts.language,
        reply_id=facts.reply_id,
        buttons=[one.title for one in facts.buttons],
        html=event_html(event) if _has_html(event) else None,
        words=change_words(event),
        provenance=_proof(facts.provenance) if facts.provenance else None,
        source=_source(shown_source(facts.source)),
        attached=attached_things(event, territory, maps),
        edited=bool(facts.edits),
        matter=event.author is Author.CITIZEN and states_matter(event.text, titles),
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


def _change(made: TranscriptEvent, event: Event) -> TranscriptEvent:
    if isinstance(event.facts, RatingFacts):
        return made.model_copy(update={"score": event.facts.score})
    facts = event.facts
    owner, why = (facts.owner_name, facts.why) if isinstance(facts, TicketChange | ApprovalDecision) else ("", "")
    reason = reason_words(event.ticket) if event.ticket else ""
    priority = event.ticket.priority if event.ticket else Priority.NORMAL.value
    return made.model_copy(update={"reason_words": reason, "priority": priority, "owner_name": owner, "why": why})


def _source(source: Source | None) -> SourceLink | None:
    return SourceLink(title=source.title, url=source.url) if source else None


def _proof(proof: Provenance) -> shapes.Provenance:
    return shapes.Provenance(
        entry=proof.entry,
        version=proof.version,
        question=proof.question,
        responsible=proof.responsible,
        reviewed=proof.reviewed,
        approved_by=proof.approved_by,
        percent=percent(proof.confidence),
    )
