"""Tests naughty strings through Rasa, actions and answerer: stored unchanged, answered with text, no exception."""

from __future__ import annotations

from pathlib import Path

from bot.agency.model import Agency
from bot.conversation.readable import readable
from tests.acceptance.people import Citizen
from tests.naughty import SAID, shown_on_a_page
from tests.system import Installation

SAMPLE = SAID[:: len(SAID) // 40][:40]
FAILURES = ("Traceback", '"level": "error"', "turn: rasa failed", "turn: failed")


def log_of(installation: Installation, part: str) -> Path:
    return installation.home / "logs" / f"{part}.log"


def test_forty_naughty_strings_are_answered(installation: Installation, agency: Agency) -> None:
    begun = {part: log_of(installation, part).stat().st_size for part in ("bot", "actions")}
    for text in SAMPLE:
        citizen = Citizen(installation.url)
        replies = citizen.ask(text)
        (kept,) = [event for event in citizen.events() if event["author"] == "citizen"]
        citizen.ask("volver")  # leaves the queue
        citizen.close()
        assert kept["text"] == readable(text.strip())
        assert all(reply["text"].strip() for reply in replies)
        assert [shown_on_a_page(reply["html"])[1] for reply in (kept, *replies)] == [[]] * (1 + len(replies))
        assert agency.say("error_asistente") not in {reply["text"] for reply in replies}
    for part, size in begun.items():
        written = log_of(installation, part).read_bytes()[size:].decode()
        assert [failure for failure in FAILURES if failure in written] == []
