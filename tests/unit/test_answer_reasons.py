"""Tests the reason for an answer, as the citizen's browser gets it."""

from __future__ import annotations

import pytest

from bot.channels.formatting.shown_event import Reasons
from bot.core.messages import Provenance


@pytest.mark.parametrize(
    ("confidence", "sureness"), [(1.0, "very"), (0.97, "very"), (0.9, "fairly"), (0.4, "little"), (0.0, "little")]
)
def test_confidence_is_described_in_words(confidence: float, sureness: str) -> None:
    proof = Provenance("bache", "v1", "¿Dónde aviso de un bache?", confidence, reviewed="2026-10-01")
    assert Reasons.of(proof) == Reasons("¿Dónde aviso de un bache?", "2026-10-01", sureness, approved=False)


def test_approval_is_shown_without_a_name() -> None:
    proof = Provenance("bache", "v1", "¿?", 0.9, approved_by="Ana Soto")
    assert Reasons.of(proof).to_data()["approved"] is True
    assert "Ana" not in str(Reasons.of(proof).to_data())
