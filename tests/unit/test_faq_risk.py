"""Tests danger in other words: learnt from sentences, told apart from text that only sounds like it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

from bot.agency.model import Agency
from bot.crisis.sentences import Sentence, load_sentences
from bot.faq.encoder.encoder import Vectors
from bot.faq.ranking.matrix import FeatureMatrix
from bot.faq.ranking.risk import Dangers, kept, learn

RANDOM = np.random.default_rng(7)
FIRE, GAS, CHITCHAT, JOKES = np.eye(4, 16, dtype=np.float32)


def near(direction: Vectors, count: int) -> FeatureMatrix:
    vectors = direction + 0.1 * RANDOM.standard_normal((count, 16)).astype(np.float32)
    dense = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return FeatureMatrix(dense, scipy.sparse.csr_matrix((count, 8), dtype=np.float32))


def test_text_near_a_danger_is_of_its_kind_and_a_lookalike_is_none() -> None:
    examples = FeatureMatrix.stacked([near(FIRE, 30), near(GAS, 30), near(FIRE + JOKES, 30)])
    dangers = learn(examples, ["fire"] * 30 + ["gas"] * 30 + [""] * 30, near(CHITCHAT, 500))
    judged = {
        name: [dangers.judge(near(direction, 1)) for _ in range(50)]
        for name, direction in {"fire": FIRE, "gas": GAS, "joke": FIRE + 2 * JOKES, "chitchat": CHITCHAT}.items()
    }
    for kind in ("fire", "gas"):
        assert all(one and one.kind == kind and one.possible(despite_answer=False) for one in judged[kind])
    for kind in ("joke", "chitchat"):
        assert not any(one and one.possible(despite_answer=False) for one in judged[kind])


@pytest.mark.parametrize(("dangers", "background"), [(0, 5), (5, 0)])
def test_without_sentences_or_background_nothing_is_a_danger(dangers: int, background: int) -> None:
    learnt = learn(near(FIRE, dangers), ["fire"] * dangers, near(CHITCHAT, background))
    assert learnt.judge(near(FIRE, 1)) is None


def test_classifier_is_kept_and_a_damaged_file_is_trained_again(tmp_path: Path) -> None:
    path, trainings = tmp_path / "danger-new.npz", []
    (tmp_path / "danger-old.npz").write_bytes(b"")

    def train() -> Dangers:
        trainings.append(1)
        return learn(near(FIRE, 30), ["fire"] * 30, near(CHITCHAT, 100))

    message = near(FIRE, 1)
    first = kept(path, train).judge(message)
    assert (kept(path, train).judge(message), len(trainings)) == (first, 1)
    assert list(tmp_path.glob("danger-*")) == [path]
    path.write_bytes(path.read_bytes()[:200])
    assert kept(path, train).judge(message) is not None
    assert len(trainings) == 2


def test_sentences_cover_every_kind_of_the_agency(agency: Agency) -> None:
    sentences = load_sentences()
    kinds = {one.text: one.kind for one in sentences}
    assert set(kinds.values()) == set(agency.emergencies) - {"general"} | {""}
    assert kinds["me quiero matar"] == "suicidio"
    assert kinds["me asaltaron en Bogotá"] == ""
    assert len(kinds) == len(sentences), "a sentence stands twice"


def test_agency_adds_sentences_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "gas.txt").write_text("huele a gas\n", encoding="utf-8")
    own = "# Autor rosa\n# de la escuela\n\n  se escapó la cañería  \n"
    (tmp_path / "gas.propias.txt").write_text(own, encoding="utf-8")
    (tmp_path / "inofensivas.txt").write_text("el vale de gas\n", encoding="utf-8")
    assert set(load_sentences(tmp_path)) == {
        Sentence("el vale de gas", ""),
        Sentence("huele a gas", "gas"),
        Sentence("se escapó la cañería", "gas", "rosa"),
    }
