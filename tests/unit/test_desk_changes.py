"""Tests the texts of changes in the transcript, and that unreadable changes have none."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.event_facts import TicketChange
from bot.core.events import Event
from bot.desk.views.changes import change_words, reason_words
from bot.desk.views.tickets import compact

TICKET = {"ticket": "7", "reason": "complaint", "priority": "normal", "team": "obras", "opened_at": 1}


def event(kind: str, text: str = "", **data: Any) -> Event:
    line = {"id": "1-0", "conversation": "c", "kind": kind, "author": "system", "text": text, "at": 1}
    return Event.from_data(line | {"data": data})


@pytest.mark.parametrize("kind", ["ticket_opened", "ticket_cancelled", "ticket_snoozed", "ticket_woken", "blocked"])
def test_change_has_a_text(kind: str) -> None:
    assert change_words(event(kind, **TICKET)) != ""


@pytest.mark.parametrize("kind", ["message", "ticket_claimed", "of_a_later_release"])
def test_unreadable_change_or_one_shown_elsewhere_has_no_text(kind: str) -> None:
    assert change_words(event(kind, **TICKET)) == ""


def test_rating_shows_its_score_and_comment() -> None:
    words = change_words(event("opinion", "muy amable", ticket="7", score=4))
    assert "4" in words and "muy amable" in words


def test_unknown_reason_of_a_later_release_is_left_out() -> None:
    assert reason_words(TicketChange("7", "of_later", "normal", "obras", 1)) == ""


def test_json_for_the_browser_is_compact_and_readable() -> None:
    assert compact({"a": "ñ"}) == '{"a":"ñ"}'
