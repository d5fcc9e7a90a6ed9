"""Tests that the benchmark of commands counts a message as the assistant treats it."""

from __future__ import annotations

import pytest

from benchmarks.commands import Asked, row
from bot.core.messages import Candidate
from bot.faq.answering.decision import Decision, Kind
from bot.faq.ranking.commands import Command
from tests.faq_entry import BASE

COMPLAINT = Command("complaint", 0.99)


def asked(text: str, kind: Kind, command: Command | None = None, intent: str = "") -> Asked:
    entry = BASE if kind == "answer" else None
    return Asked(text, command, Decision(kind, (Candidate("bache", "", 0.9),), entry, command=command), intent)


@pytest.mark.parametrize(
    ("message", "taken", "person"),
    [
        (asked("quiero poner un reclamo", "answer", COMPLAINT), ("complaint",) * 3, True),
        (asked("quiero reclamar por un hoyo", "answer", COMPLAINT), ("complaint", "", ""), True),
        (asked("que me conteste un cristiano", "handoff", intent="ask_human"), ("", "", "ask_human"), True),
        (asked("hay un hoyo en mi calle", "answer", intent="complaint"), ("", "", ""), False),
    ],
)
def test_message_counts_as_the_vote_decides(message: Asked, taken: tuple[str, str, str], person: bool) -> None:
    assert (message.taken_for(), message.gets_a_person) == (taken, person)


def test_row_has_the_share_of_each_column() -> None:
    messages = [asked("quiero poner un reclamo", "answer", COMPLAINT), asked("hay un hoyo", "answer")]
    cells = row("complaint", messages, "complaint").split(" | ")
    assert [cell.split(" ")[0] for cell in cells] == ["|", "2", "0.500", "0.500", "0.500", "0.500"]
