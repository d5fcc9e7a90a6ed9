"""Writes pending approvals and their decisions into PostgreSQL.

Writing an event twice or in another order changes nothing: a decided approval stays decided, and its content stays
deleted.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.event_facts import ApprovalAsked, ApprovalDecision
from bot.core.events import Event
from bot.record.tables import PendingApproval
from bot.record.transcripts.rows import encrypt_row


async def write_approval(session: AsyncSession, event: Event, facts: ApprovalAsked, held: str, address: str) -> None:
    """Adds a pending approval, unless already stored.

    ``held`` is the JSON of ``AnswerToApprove.to_dict``, with the answer and the citizen's text; ``facts`` contain
    neither. Events of an older release have '' as ``held`` and are skipped.
    """
    if not held:
        return
    kept = json.loads(held)
    row = _row(event, facts) | {
        "words": kept["words"],
        "events": json.loads(kept["events"]),
        "due_at": datetime.fromtimestamp(facts.due / 1000, UTC),
        "address": address,
    }
    row = await encrypt_row(session, PendingApproval, event.conversation, row)
    await session.execute(insert(PendingApproval).values(**row).on_conflict_do_nothing())


async def end_approval(session: AsyncSession, event: Event, facts: ApprovalDecision) -> None:
    """Stores the decision, even if the approval is not stored yet; deletes its answer, citizen's text and address."""
    over = {"decision": facts.why, "words": "", "events": [], "address": ""}
    at = datetime.fromtimestamp(event.at / 1000, UTC)
    row = insert(PendingApproval).values(**_row(event, facts) | over, due_at=at)
    await session.execute(row.on_conflict_do_update(index_elements=[PendingApproval.id], set_=over))


def _row(event: Event, facts: ApprovalAsked | ApprovalDecision) -> dict[str, object]:
    return {
        "id": facts.proposal,
        "conversation_id": event.conversation,
        "event_id": event.id,
        "team": facts.team,
        "decision": "",
    }
