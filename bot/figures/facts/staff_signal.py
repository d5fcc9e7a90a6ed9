"""Compares the entry that an agent sent after a handoff with the entry that the assistant chose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.core.messages import Author, HandoffReason
from bot.figures.facts.talks import Handed, Said

# After a handoff for one of these reasons, the agent's entry judges the assistant's last answer; after one for low
# confidence, the assistant's likeliest candidate.
AFTER_ANSWER = frozenset({HandoffReason.NEGATIVE_FEEDBACK, HandoffReason.ASKED_HUMAN})
LATEST = timedelta(hours=1)  # between the answer and the handoff
CHOSEN = 0.9995  # a confidence from this value on marks an answer that the citizen chose


def staff_signal(span: Sequence[Said], tickets: Sequence[Handed]) -> dict[str, str]:
    """Returns ``{judged_entry, staff_entry}``; each is '' if there is none.

    ``judged_entry`` is the assistant's entry that is judged by ``staff_entry``, the first one that an agent sent.
    """
    first = tickets[0] if tickets else None
    sent = _sent(span, first) if first else ""
    judged = _judged(span, first) if first and sent else ""
    return {"judged_entry": judged, "staff_entry": sent}


def _sent(span: Sequence[Said], ticket: Handed) -> str:
    end = ticket.closed_at or span[-1].at
    by_staff = (one for one in span if one.author == Author.STAFF and ticket.opened_at <= one.at <= end)
    return next((str(one.data["provenance"]["entry"]) for one in by_staff if one.data.get("provenance")), "")


def _judged(span: Sequence[Said], ticket: Handed) -> str:
    if ticket.reason == HandoffReason.LOW_CONFIDENCE:
        return ticket.candidates[0] if ticket.candidates else ""
    return _last_answer(span, ticket) if ticket.reason in AFTER_ANSWER else ""


def _last_answer(span: Sequence[Said], ticket: Handed) -> str:
    """Returns the entry of the last answer before the handoff, at most LATEST before.

    Returns '' if there is none, if the citizen chose that entry, or if the citizen asked something else in between.
    """
    questions = 0
    for one in reversed([one for one in span if ticket.opened_at - LATEST <= one.at <= ticket.opened_at]):
        questions += one.author == Author.CITIZEN
        if one.author == Author.ASSISTANT and (proof := one.data.get("provenance")):
            is_own = questions <= 1 and float(proof.get("confidence", 0)) < CHOSEN
            return str(proof["entry"]) if is_own else ""
    return ""
