"""Tests training: Rasa's inputs, when the training runs, and which models are kept."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from bot.core.errors.launcher import PartFailed
from bot.rasa.examples import ASK_FAQ
from bot.rasa.training import (
    KEPT_MODELS,
    TrainingPaths,
    current_model,
    fingerprint,
    forget_old_models,
    train,
    trained,
)

TRAINS = """#!/bin/sh
while [ $# -gt 0 ]; do case $1 in --out) out=$2;; --fixed-model-name) name=$2;; esac; shift; done
echo "Finished training component 'RulePolicy'." && echo model | gzip > "$out/$name.tar.gz"
"""
FAILS = "#!/bin/sh\necho broken rule; exit 1\n"


def rasa_that(paths: TrainingPaths, script: str) -> None:
    program = paths.rasa / "bin" / "python"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(script)
    program.chmod(0o755)


@pytest.mark.parametrize("name", ["config.yml", "domain.yml", "data/nlu/greet.yml", "data/rules/talk.yml"])
def test_every_input_changes_the_fingerprint(paths: TrainingPaths, name: str) -> None:
    before = fingerprint(paths.root)
    (paths.root / name).write_text("changed")
    assert fingerprint(paths.root) != before


async def test_unchanged_input_is_not_trained_twice(paths: TrainingPaths) -> None:
    rasa_that(paths, TRAINS)
    user_attributes: list[tuple[float, str]] = []
    first = await train(paths, ["¿Dónde voto?"], lambda share, text: user_attributes.append((share, text)))
    rasa_that(paths, FAILS)
    assert await train(paths, ["¿Dónde voto?"], lambda share, text: None) == first == current_model(paths)
    assert [share for share, _ in user_attributes] == [0.0, 0.2, 1.0]


async def test_trained_model_is_found_without_the_questions_until_an_input_changes(paths: TrainingPaths) -> None:
    assert trained(paths) is None
    rasa_that(paths, TRAINS)
    model = await train(paths, ["¿Dónde voto?"], lambda share, text: None)
    assert trained(paths) == model
    (paths.root / "domain.yml").write_text("changed")
    assert trained(paths) is None


@pytest.mark.parametrize("left", [0, 10, 20])
async def test_damaged_model_is_trained_again(paths: TrainingPaths, left: int) -> None:
    rasa_that(paths, TRAINS)
    model = await train(paths, [], lambda share, text: None)
    whole = model.read_bytes()
    model.write_bytes(whole[:left])
    assert await train(paths, [], lambda share, text: None) == model
    assert gzip.decompress(model.read_bytes()) == b"model\n"


async def test_new_question_is_trained(paths: TrainingPaths) -> None:
    rasa_that(paths, TRAINS)
    first = await train(paths, ["¿Dónde voto?"], lambda share, text: None)
    second = await train(paths, ["¿Dónde voto?", "local de votación"], lambda share, text: None)
    assert second != first
    assert "local de votación" in (paths.root / ASK_FAQ).read_text(encoding="utf-8")


async def test_failed_training_names_its_log_and_leaves_the_old_model(paths: TrainingPaths) -> None:
    rasa_that(paths, TRAINS)
    good = await train(paths, [], lambda share, text: None)
    rasa_that(paths, FAILS)
    with pytest.raises(PartFailed, match=r"rasa-train\.log"):
        await train(paths, ["otra"], lambda share, text: None)
    assert paths.log.read_text() == "broken rule\n"
    assert current_model(paths) == good


def test_only_the_newest_models_are_kept(tmp_path: Path) -> None:
    for age in range(KEPT_MODELS + 2):
        model = tmp_path / f"ventanilla-{age}.tar.gz"
        model.touch()
        os.utime(model, (1000 - age, 1000 - age))
    forget_old_models(tmp_path)
    assert sorted(model.name for model in tmp_path.iterdir()) == [f"ventanilla-{age}.tar.gz" for age in range(3)]
