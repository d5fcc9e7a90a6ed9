"""Tests which entries of the assistant and of staff are compared after a handoff."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.figures.facts.staff_signal import CHOSEN, staff_signal
from bot.figures.facts.talks import Handed, Said
from tests.rows import each_row

START = datetime(2026, 11, 2, 13, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BEFORE = ("citizen", "assistant", "citizen")


def proof(entry: str, confidence: float = 0.9) -> dict[str, Any]:
    return {"provenance": {"entry": entry, "version": "v1", "confidence": confidence}}


def lines(*authors: str, sent: str = "poda", confidence: float = 0.9) -> list[Said]:
    """Returns a message of each author, one per minute; the assistant's answer is «bache», the staff's ``sent``."""
    entries = {"assistant": proof("bache", confidence), "staff": proof(sent) if sent else {}}
    return [Said(START + number * MINUTE, author, entries.get(author, {})) for number, author in enumerate(authors)]


def ticket(minute: float, reason: str = "asked_human", **facts: Any) -> Handed:
    return Handed(START + minute * MINUTE, reason, "obras", **facts)


@each_row(
    ("span", "opened", "found"),
    [
        (lines(*BEFORE, "staff"), ticket(2.1), ("bache", "poda")),
        (lines(*BEFORE, "staff", sent="bache"), ticket(2.1, "negative_feedback"), ("bache", "bache")),
        (lines(*BEFORE, "staff", sent=""), ticket(2.1), ("", "")),
        (lines(*BEFORE), ticket(2.1), ("", "")),
        (lines(*BEFORE, "staff"), ticket(2.1, closed_at=START + 2.5 * MINUTE), ("", "")),
        (lines(*BEFORE, "staff"), ticket(2.1, "complaint"), ("", "poda")),
        (lines(*BEFORE, "staff", confidence=CHOSEN), ticket(2.1), ("", "poda")),
        (lines("citizen", "assistant", "citizen", "citizen", "staff"), ticket(3.1), ("", "poda")),
        (lines(*BEFORE, "staff"), ticket(2.1, "low_confidence", candidates=("agua", "luz")), ("agua", "poda")),
        (lines("citizen", "staff"), ticket(0.1, "low_confidence"), ("", "poda")),
    ],
)
def test_entry_of_staff_judges_the_assistants(span: list[Said], opened: Handed, found: tuple[str, str]) -> None:
    assert tuple(staff_signal(span, [opened]).values()) == found


def test_answer_of_hours_ago_is_not_judged() -> None:
    later = [Said(START + 90 * MINUTE, "citizen"), Said(START + 92 * MINUTE, "staff", proof("poda"))]
    assert staff_signal([*lines("citizen", "assistant"), *later], [ticket(91)])["judged_entry"] == ""


def test_nothing_is_judged_without_a_handoff() -> None:
    assert staff_signal(lines(*BEFORE), []) == {"judged_entry": "", "staff_entry": ""}
