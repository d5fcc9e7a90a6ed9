"""Tests that the demo answers «¿están atendiendo?» with its opening state now, without asking Rasa."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from actions.replies.answers import FaqReplies
from bot.agency.model import Agency
from bot.faq.answering.answerer import Answerer
from tests.encoder.conftest import TODAY

NOW = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)  # Tuesday, 17:30 in Santiago


@pytest.mark.parametrize(
    "words",
    ["¿están atendiendo?", "estan atendiendo hoy", "a q hora abren", "que hora abren mñn", "estan abiertos??"],
)
def test_question_about_the_hours_is_answered_with_the_live_fact(agency: Agency, demo: Answerer, words: str) -> None:
    decision = demo.answer(words, today=TODAY)
    (reply,) = FaqReplies(agency, lambda: NOW).for_decision(decision, TODAY)
    assert reply.text.startswith("**Cerrado, abre mañana a las 08:30.**\n\nLa **Municipalidad de Los Aromos** atiende")
    assert (reply.handoff, reply.buttons) == (None, ())
