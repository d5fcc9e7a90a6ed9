"""Writes answers that wait for a person's OK into PostgreSQL, and ends them. Called by record.py; twice is as good as
once, in whatever order: one that was decided stays so, and then nothing but that is kept.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.messages import PROPOSAL, PROPOSAL_DECIDED, Event
from bot.record.tables import Proposal

PROPOSALS = frozenset({PROPOSAL, PROPOSAL_DECIDED})


async def write_proposal(session: AsyncSession, event: Event, held: str, address: str) -> None:
    """``held`` is the answer with the words it answers (``Held.to_dict``), which the event's own data never carries; ''
    in events of an older release, and once it is decided."""
    if event.kind == PROPOSAL_DECIDED:
        return await _end(session, event)
    if not held:
        return None
    kept = json.loads(held)
    row = _row(event) | {
        "words": kept["words"],
        "events": json.loads(kept["events"]),
        "due_at": datetime.fromtimestamp(event.data["due"] / 1000, UTC),
        "address": address,
    }
    await session.execute(insert(Proposal).values(**row).on_conflict_do_nothing())
    return None


async def _end(session: AsyncSession, event: Event) -> None:
    over = {"decision": event.data["why"], "words": "", "events": [], "address": ""}
    at = datetime.fromtimestamp(event.at / 1000, UTC)
    row = insert(Proposal).values(**_row(event) | over, due_at=at)
    await session.execute(row.on_conflict_do_update(index_elements=[Proposal.id], set_=over))


def _row(event: Event) -> dict[str, object]:
    return {
        "id": event.data["proposal"],
        "conversation_id": event.conversation,
        "feed_id": event.id,
        "team": event.data.get("team", ""),
        "decision": "",
    }
