"""Tests that the record keeps a pending approval until its decision, then only the decision, in any event order."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.event_facts import ApprovalDecision
from bot.core.events import Event
from bot.record.approval_record import end_approval, write_approval
from bot.record.engine import Sessions
from bot.record.tables import PendingApproval
from tests.event_lines import event_line
from tests.integration.recorded import conversation
from tests.transcripts import rows_in_clear

EVENTS = [{"text": "Así.", "data": "{}"}]
HELD = json.dumps({"words": "hay un hoyo", "events": json.dumps(EVENTS)})


def began(**more: Any) -> tuple[Event, str, str]:
    data = {"proposal": "p1", "due": 1_700_000_000_500, "team": "obras"} | more
    return event_line("proposal", data, id="5-0", at=1_700_000_000_000), HELD, "sealed"


def decided(why: str = "approved") -> tuple[Event, str, str]:
    data = {"proposal": "p1", "why": why, "team": "obras"}
    return event_line("proposal_decided", data, id="6-0", at=1_700_000_009_000), "", ""


async def written(sessions: Sessions, *told: tuple[Event, str, str]) -> list[PendingApproval]:
    await conversation(sessions, "c")
    for one in told:
        async with sessions.begin() as session:
            event, to_approve, address = one
            if isinstance(event.facts, ApprovalDecision):
                await end_approval(session, event, event.facts)
            else:
                await write_approval(session, event, event.facts, to_approve, address)
    return list(await rows_in_clear(sessions, select(PendingApproval)))


async def test_everything_needed_to_resume_is_kept_while_pending(database: Sessions) -> None:
    (row,) = await written(database, began(), began())
    assert (row.id, row.team, row.words, row.events, row.address, row.decision) == (
        "p1",
        "obras",
        "hay un hoyo",
        EVENTS,
        "sealed",
        "",
    )
    assert row.due_at.timestamp() == 1_700_000_000.5


@pytest.mark.parametrize("order", list(permutations((began(), decided(), decided()))))
async def test_only_the_decision_is_kept_afterwards_in_any_event_order(database: Sessions, order: Any) -> None:
    (row,) = await written(database, *order)
    assert (row.decision, row.words, row.events, row.address) == ("approved", "", [], "")


async def test_event_of_an_older_release_writes_nothing(database: Sessions) -> None:
    assert await written(database, (began()[0], "", "")) == []


async def test_proposal_without_a_team_is_stored_with_an_empty_team(database: Sessions) -> None:
    event = event_line("proposal", {"proposal": "p1", "due": 1_700_000_000_500}, id="5-0", at=1_700_000_000_000)
    _, to_approve, address = began()
    assert [row.team for row in await written(database, (event, to_approve, address))] == [""]
