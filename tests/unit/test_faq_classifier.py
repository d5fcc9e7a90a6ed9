"""Tests the classifier of dangers and commands: learnt from sentences, and not fooled by similar sentences."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from structlog.testing import capture_logs

from bot.agency.model import Agency
from bot.core.yaml import read_yaml_file
from bot.faq.encoder.encoder import Vectors
from bot.faq.ranking.background import load_background
from bot.faq.ranking.classifier import Learnt, kept, learn
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.commands import Command, command_in
from bot.faq.ranking.risk import Danger, danger_in
from bot.faq.ranking.sentences import COMMANDS, DANGERS, LOOK_ALIKES, Sentence, load_sentences
from bot.faq.scoring.matrix import FeatureMatrix
from tests.full_disk import full_disk
from tests.home import ROOT

RANDOM = np.random.default_rng(7)
FIRE, GAS, CHITCHAT, JOKES = np.eye(4, 16, dtype=np.float32)


def near(direction: Vectors, count: int) -> FeatureMatrix:
    vectors = direction + 0.1 * RANDOM.standard_normal((count, 16)).astype(np.float32)
    dense = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    nothing = scipy.sparse.csr_matrix((count, 8), dtype=np.float32)
    return FeatureMatrix(dense, nothing, nothing, nothing)


def taught() -> Learnt:
    examples = FeatureMatrix.stacked([near(FIRE, 30), near(GAS, 30), near(FIRE + JOKES, 30)])
    return learn(examples, ["fire"] * 30 + ["gas"] * 30 + [""] * 30, near(CHITCHAT, 500), tuned().risk)


def test_text_near_an_example_has_its_kind_and_a_lookalike_has_none() -> None:
    learnt = taught().classifier()
    judged = {
        name: [learnt.recognize(near(direction, 1)) for _ in range(50)]
        for name, direction in {"fire": FIRE, "gas": GAS, "joke": FIRE + 2 * JOKES, "chitchat": CHITCHAT}.items()
    }
    for kind in ("fire", "gas"):
        assert all(one and one.kind == kind and min(one.score, one.any_kind) > 0.5 for one in judged[kind])
    for kind in ("joke", "chitchat"):
        assert all(one and max(one.score, one.any_kind) < 0.4 for one in judged[kind])


def said(runs: int) -> FeatureMatrix:
    """Texts near fire that all say the same words, whose run is number ``runs``."""
    rows = near(FIRE, 30)
    return replace(rows, runs=scipy.sparse.csr_matrix(np.eye(8, dtype=np.float32)[[runs] * len(rows)]))


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_words_tell_apart_what_meaning_does_not(weight: float) -> None:
    numbers = tuned().risk.model_copy(update={"runs_weight": weight})
    examples = FeatureMatrix.stacked([said(1), said(2)])
    learnt = learn(examples, ["fire"] * 30 + [""] * 30, near(CHITCHAT, 500), numbers).classifier()
    danger, harmless = (np.mean([one.score for one in learnt.recognize_all(said(run)) if one]) for run in (1, 2))
    assert bool(danger > harmless + 0.2) is bool(weight)


def test_danger_is_judged_by_any_kind_or_its_own_and_command_by_its_own() -> None:
    learnt, message = taught().classifier(), near(FIRE + GAS, 1)
    found = learnt.recognize(message)
    assert found
    assert found.any_kind > found.score + 0.1
    assert danger_in(message, learnt) == Danger(found.kind, found.any_kind, found.score)
    assert command_in(message, learnt) == Command(found.kind, found.score)


@pytest.mark.parametrize(("examples", "background"), [(0, 5), (5, 0)])
def test_without_sentences_or_background_nothing_is_recognized(examples: int, background: int) -> None:
    learnt = learn(near(FIRE, examples), ["fire"] * examples, near(CHITCHAT, background), tuned().risk)
    assert learnt.classifier().recognize(near(FIRE, 1)) is None


def test_classifier_is_kept_and_a_damaged_file_is_trained_again(tmp_path: Path) -> None:
    path, trainings = tmp_path / "danger-new.npz", []
    (tmp_path / "danger-old.npz").write_bytes(b"")
    (tmp_path / "commands-other.npz").write_bytes(b"")

    def train() -> Learnt:
        trainings.append(1)
        return learn(near(FIRE, 30), ["fire"] * 30, near(CHITCHAT, 100), tuned().risk)

    message = near(FIRE, 1)
    first = kept(path, train).classifier().recognize(message)
    assert (kept(path, train).classifier().recognize(message), len(trainings)) == (first, 1)
    assert set(tmp_path.glob("*.npz")) == {path, tmp_path / "commands-other.npz"}
    path.write_bytes(path.read_bytes()[:200])
    assert kept(path, train).classifier().recognize(message) is not None
    assert len(trainings) == 2


def test_classifier_that_cannot_be_stored_is_used_and_leaves_no_file(tmp_path: Path) -> None:
    with capture_logs() as lines, full_disk():
        trained = kept(tmp_path / "danger-new.npz", taught)
    assert trained.names == ("fire", "gas")
    assert [line["event"] for line in lines] == ["classifier: file not written"]
    assert list(tmp_path.iterdir()) == []


def test_command_is_sure_from_its_own_score_on() -> None:
    numbers = tuned().commands
    assert Command("complaint", numbers.sure_of["complaint"]).sure
    assert not Command("complaint", numbers.sure_of["complaint"] - 0.01).sure
    assert Command("thank", numbers.sure).sure


@pytest.mark.parametrize("despite_answer", [True, False])
def test_either_score_of_a_danger_is_enough(despite_answer: bool) -> None:
    numbers = tuned().risk
    least = numbers.possible_despite_answer if despite_answer else numbers.possible
    veiled, other = least.of("suicidio"), least.of("gas")
    assert veiled < other
    assert Danger("gas", least.any_kind, 0.0).possible(despite_answer=despite_answer)
    assert Danger("suicidio", 0.0, veiled).possible(despite_answer=despite_answer)
    assert not Danger("gas", least.any_kind - 0.01, veiled).possible(despite_answer=despite_answer)
    assert not Danger("suicidio", least.any_kind - 0.01, veiled - 0.01).possible(despite_answer=despite_answer)


def test_danger_of_any_kind_is_sure_only_if_one_kind_is_likely() -> None:
    least = tuned().risk.sure
    assert Danger("gas", least.any_kind, least.beside).sure
    assert not Danger("gas", 1.0, least.beside - 0.01).sure
    assert Danger("gas", 1.0, least.beside - 0.01).possible(despite_answer=True)
    assert Danger("gas", 0.0, least.of("gas")).sure


@pytest.mark.parametrize("kind", ["suicidio", "gas", "incendio", "violencia"])
def test_doubted_danger_is_possible_but_not_sure(kind: str) -> None:
    danger = Danger(kind, 1.0, 1.0)
    assert danger.sure
    assert not danger.doubted().sure
    assert danger.doubted().possible(despite_answer=True)


def test_sentences_cover_every_kind_of_the_agency(agency: Agency) -> None:
    sentences = load_sentences(DANGERS)
    kinds = {one.text: one.kind for one in sentences}
    assert set(kinds.values()) == set(agency.emergencies) - {"general"} | {""}
    assert kinds["me quiero matar"] == "suicidio"
    assert kinds["me asaltaron en Bogotá"] == ""
    assert len(kinds) == len(sentences), "a sentence stands twice"


def test_commands_are_intents_and_have_three_authors_and_lookalikes() -> None:
    sentences = load_sentences(COMMANDS)
    kinds = {one.kind for one in sentences}
    assert "" in kinds
    assert kinds - {""} <= set(read_yaml_file(ROOT / "domain.yml")["intents"][:14])
    for kind in kinds:
        assert {one.author for one in sentences if one.kind == kind} >= {"1", "2", "3"}
    assert len({one.text for one in sentences}) == len(sentences), "a sentence stands twice"


def test_groups_left_out_of_the_ordinary_messages_exist() -> None:
    background = load_background(ROOT / "data")
    groups = {group.name for group in (*background.out_of_scope_topics, *background.themes)}
    assert set(tuned().commands.left_out) <= groups


def test_agency_adds_sentences_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "gas.txt").write_text("huele a gas\n", encoding="utf-8")
    own = "# Autor rosa\n# de la escuela\n\n  se escapó la cañería  \n"
    (tmp_path / "gas.propias.txt").write_text(own, encoding="utf-8")
    for name in LOOK_ALIKES:
        (tmp_path / f"{name}.txt").write_text(f"el vale de gas ({name})\n", encoding="utf-8")
    assert set(load_sentences(tmp_path)) == {
        *(Sentence(f"el vale de gas ({name})", "") for name in LOOK_ALIKES),
        Sentence("huele a gas", "gas"),
        Sentence("se escapó la cañería", "gas", "rosa"),
    }
