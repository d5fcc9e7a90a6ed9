"""Tests that no utterance of the demo FAQ is taken for an emergency."""

from __future__ import annotations

from bot.agency.model import Agency
from bot.crisis.emergency import find
from bot.faq.entries.folder import load_folder
from tests.home import ROOT


def test_no_faq_utterance_is_an_emergency(agency: Agency) -> None:
    entries = load_folder(ROOT / "data" / "faq", agency.teams).entries
    caught = {text: kind for entry in entries for text in (entry.question, *entry.variants) if (kind := find(text))}
    assert caught == {}
