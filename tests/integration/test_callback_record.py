"""Tests the record of call-back requests: each ends with its ticket; the contact goes when no call may follow."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.core.events import Event, EventKind
from bot.record.callback_record import NOBODY_ATTENDED, NOTHING_KEPT, follow_ticket, write_request
from bot.record.engine import Sessions
from bot.record.tables import Callback
from tests.event_lines import event_line
from tests.integration.recorded import conversation

FACTS = {
    "number": "7-204",
    "of_ticket": "7",
    "team": "atencion",
    "contact_kind": "mobile",
    "contact": "+56 9 •••• 3211",
    "window": "any",
    "due_at": 1_700_000_100_000,
    "consented_at": 1_700_000_000_000,
}


def requested(id: str = "5-0", **more: Any) -> Event:
    return event_line("callback_requested", FACTS | more, id=id, at=1_700_000_000_500)


def moved(kind: str = "ticket_moved", conversation: str = "c", **facts: Any) -> Event:
    whole = {"ticket": "7", "team": "obras", "reason": "complaint", "priority": "normal", "opened_at": 1} | facts
    return event_line(kind, whole, id="6-0", conversation=conversation, at=1_700_000_200_000)


async def rows(sessions: Sessions, *events: Event) -> list[Callback]:
    """Applies the events and returns the requests; events other than requests move the ticket."""
    await conversation(sessions, "c")
    for event in events:
        async with sessions.begin() as session:
            if event.kind is EventKind.CALLBACK_REQUESTED:
                await write_request(session, event, event.facts, "sealed")
            else:
                await follow_ticket(session, event, event.facts)
    async with sessions() as session:
        return list(await session.scalars(select(Callback).order_by(Callback.id)))


async def test_repeated_request_event_makes_one_row(database: Sessions) -> None:
    (row,) = await rows(database, requested(), requested())
    assert (row.ticket_id, row.shown, row.encrypted, row.outcome) == ("7", FACTS["contact"], "sealed", None)
    moments = [one.timestamp() for one in (row.asked_at, row.consented_at, row.due_at)]
    assert moments == [1_700_000_000.5, 1_700_000_000.0, 1_700_000_100.0]


async def test_another_request_is_another_row(database: Sessions) -> None:
    assert len(await rows(database, requested(), requested("5-1", of_ticket="8"))) == 2


async def test_transfer_changes_the_requests_team_and_due_time(database: Sessions) -> None:
    (row,) = await rows(database, requested(), moved(), moved(due_ms=1_700_000_300_000))
    assert (row.team, row.due_at.timestamp(), row.outcome) == ("obras", 1_700_000_300.0, None)
    assert row.promised_at is not None and row.promised_at.timestamp() == 1_700_000_100.0


@pytest.mark.parametrize("outcome", ["reached", "solved", *sorted(NOBODY_ATTENDED)])
async def test_request_ends_with_its_ticket_and_the_contact_is_deleted(database: Sessions, outcome: str) -> None:
    (row,) = await rows(database, requested(), moved("ticket_closed", outcome=outcome))
    assert row.outcome == outcome and row.closed_at and row.closed_at.timestamp() == 1_700_000_200.0
    gone = outcome in NOTHING_KEPT
    assert (row.encrypted, row.shown) == ((None, "") if gone else ("sealed", FACTS["contact"]))


async def test_ended_request_does_not_end_again(database: Sessions) -> None:
    ends = [moved("ticket_closed", outcome=outcome) for outcome in ("reached", "revoked")]
    (row,) = await rows(database, requested(), *ends)
    assert (row.outcome, row.encrypted) == ("reached", "sealed")


@pytest.mark.parametrize("other", [{"ticket": "8"}, {"conversation": "d"}])
async def test_events_of_another_ticket_or_conversation_change_nothing(
    database: Sessions, other: dict[str, str]
) -> None:
    (row,) = await rows(database, requested(), moved("ticket_closed", outcome="reached", **other))
    assert (row.outcome, row.team) == (None, "atencion")
