"""Tests danger in other words: learnt from sentences, told apart from text that only sounds like it."""

from __future__ import annotations

import numpy as np
import pytest

from bot.crisis.sentences import load_sentences
from bot.faq.encoder.encoder import Vectors
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.risk import Dangers

RANDOM = np.random.default_rng(7)
FIRE, CHITCHAT, JOKES = np.eye(3, 16, dtype=np.float32)


def near(direction: Vectors, count: int) -> Vectors:
    vectors = direction + 0.1 * RANDOM.standard_normal((count, 16)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_text_near_a_danger_sentence_is_a_danger_and_a_lookalike_is_not() -> None:
    dangers = Dangers(near(FIRE, 30), near(FIRE + JOKES, 30), near(CHITCHAT, 500))
    seem = [np.mean([dangers.seems(one) for one in near(kind, 200)]) for kind in (FIRE, FIRE + 2 * JOKES, CHITCHAT)]
    assert (seem[0] > 0.95, seem[1] < 0.05, seem[2] < 2 * tuned().risk.mistaken_share) == (True, True, True)


@pytest.mark.parametrize(("dangers", "background"), [(0, 5), (5, 0)])
def test_without_sentences_or_background_nothing_is_a_danger(dangers: int, background: int) -> None:
    learnt = Dangers(near(FIRE, dangers), near(JOKES, 0), near(CHITCHAT, background))
    assert not learnt.seems(FIRE)


def test_sentences_cover_every_kind() -> None:
    sentences = load_sentences()
    assert "me quiero matar" in sentences.dangers
    assert "me asaltaron en Bogotá" in sentences.harmless
    assert set(sentences.dangers).isdisjoint(sentences.harmless)
