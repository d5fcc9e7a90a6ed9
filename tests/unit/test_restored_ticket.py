"""Tests which fields a ticket gets when Redis is restored from the record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.desk.auth.audit import Action
from bot.record.restored.choices import ROLLOUT_CHANGED
from bot.record.restored.ticket_fields import ms, ticket_fields
from bot.record.tables import Message, Ticket

OPENED = datetime(2026, 11, 30, 12, tzinfo=UTC)
WISH = "me avisan"


def fields(state: str, author: str, minutes: int, text: str = WISH) -> dict[str, str]:
    """Returns the fields of a ticket, of which a message was said ``minutes`` after it was opened."""
    facts = {"reason": "asked_human", "priority": "normal", "team": "obras", "summary": "", "owner_name": "Ana"}
    until = OPENED + timedelta(hours=12)
    times = {"opened_at": OPENED, "changed_at": OPENED, "until": until if state == "snoozed" else None}
    ticket = Ticket(id="7", state=state, candidates=[], returned=False, **times, **facts)
    said = Message(author=author, text=text, data={}, at=OPENED + timedelta(minutes=minutes))
    found = ticket_fields(ticket, [said], by_phone=False)
    return dict(zip(found[::2], found[1::2], strict=True))


@pytest.mark.parametrize(("state", "lasts"), [("snoozed", str(12 * 3600 * 1000)), ("claimed", None)])
def test_reply_in_a_restored_snooze_begins_its_time_anew(state: str, lasts: str | None) -> None:
    assert fields(state, "staff", 1).get("snooze_ms") == lasts


@pytest.mark.parametrize(
    ("state", "author", "minutes", "text", "wanted"),
    [
        ("waiting", "citizen", 1, WISH, True),
        ("waiting", "citizen", -1, WISH, False),
        ("waiting", "staff", 1, WISH, False),
        ("waiting", "citizen", 1, "gracias", False),
        ("claimed", "citizen", 1, WISH, False),
    ],
)
def test_wish_counts_if_the_citizen_told_it_since_the_ticket_and_still_waits(
    state: str, author: str, minutes: int, text: str, wanted: bool
) -> None:
    assert ("notify_near" in fields(state, author, minutes, text)) is wanted


def test_citizen_who_wrote_last_to_an_agent_awaits_an_answer() -> None:
    assert fields("claimed", "citizen", 1)["unanswered_since"] == str(ms(OPENED))
    assert "unanswered_since" not in fields("claimed", "staff", 1)


def test_reply_by_staff_counts_since_the_ticket_was_opened() -> None:
    assert ["replied" in fields("snoozed", *said) for said in (("staff", 1), ("staff", -1), ("citizen", 1))] == [
        True,
        False,
        False,
    ]


def test_recovery_reads_the_action_that_the_page_of_the_channels_records() -> None:
    assert ROLLOUT_CHANGED == Action.ROLLOUT_CHANGED
