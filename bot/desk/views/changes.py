"""Describes changes to a conversation for the transcript; most texts are in ``cambios`` of desk.yml, by event kind."""

from __future__ import annotations

from bot.core.event_facts import (
    AnswerRatingFacts,
    ApprovalDecision,
    ComplaintFacts,
    DeliveryFacts,
    PrivacyRequestFacts,
    RatingFacts,
    TicketChange,
)
from bot.core.events import Event, EventKind
from bot.core.messages import HandoffReason
from bot.core.texts import area, say
from bot.desk.views.extras import failure_words
from bot.handoff.listing import reason_in_words


def change_words(event: Event) -> str:
    """Returns the text of a change; '' for messages and for changes without a text."""
    match event.facts:
        case DeliveryFacts() as delivery:
            return say("canales.adjuntos.no_entregado", motivo=failure_words(delivery.reason))
        case RatingFacts() as rating:
            name = "opinion_con_palabras" if event.text else event.kind
            return _worded(name, n=rating.score, texto=event.text)
        case AnswerRatingFacts() as rating:
            return _worded(event.kind, "useful" if rating.useful else rating.reason or "useless")
        case ApprovalDecision() as decision:
            words = area("mesa")["pagina"].get(f"propuesta_{decision.why}", "")
            return str(words).format(nombre=decision.owner_name)
        case ComplaintFacts() as complaint:
            return _worded(event.kind, numero=complaint.number)
        case PrivacyRequestFacts() as request:
            return _worded(event.kind, comprobante=request.receipt)
        case TicketChange() as change:
            return _worded(event.kind, change.why, motivo=reason_words(change))
    return "" if event.kind is EventKind.MESSAGE else _worded(event.kind)


def reason_words(change: TicketChange) -> str:
    """Returns the reason for opening the ticket as Spanish text; '' if this release does not know the reason."""
    if change.reason not in set(HandoffReason):
        return ""
    return reason_in_words(HandoffReason(change.reason), [one.confidence for one in change.candidates])


def _worded(name: str, why: str = "", **values: object) -> str:
    """Returns the text of a change, chosen by ``why`` if there are several; '' if there is no text."""
    words = area("desk")["cambios"].get(name, "")
    found = words.get(why, "") if isinstance(words, dict) else words
    return str(found).format(**values)
