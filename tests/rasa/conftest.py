"""Provides Rasa's parsed files, and a running Rasa."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.core.yaml import read_yaml_file
from bot.rasa.examples import ASK_ATLAS, ASK_FAQ
from bot.rasa.training import TrainingPaths
from tests.rasa.inside import InRasa, rasa_to_fork
from tests.rasa.speaking import SpeakingRasa, speaking

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def domain() -> dict[str, Any]:
    loaded: dict[str, Any] = read_yaml_file(ROOT / "domain.yml")
    return loaded


@pytest.fixture(scope="session")
def rules() -> list[dict[str, Any]]:
    files = sorted((ROOT / "data" / "rules").glob("*.yml"))
    return [rule for file in files for rule in read_yaml_file(file)["rules"]]


@pytest.fixture(scope="session")
def examples() -> dict[str, list[str]]:
    """Returns the hand-written examples of each intent."""
    found: dict[str, list[str]] = {}
    for file in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        if file.relative_to(ROOT) not in (ASK_FAQ, ASK_ATLAS):
            for block in read_yaml_file(file)["nlu"]:
                lines = block["examples"].splitlines()
                found.setdefault(block["intent"], []).extend(line.removeprefix("- ") for line in lines)
    return found


@pytest.fixture(scope="session")
def rasa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpeakingRasa]:
    """Runs Rasa with our action server and the small FAQ of scripted_faq.py."""
    with speaking(tmp_path_factory.mktemp("rasa")) as running:
        yield running


@pytest.fixture(scope="session")
def in_rasa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InRasa]:
    """Runs code in Rasa's environment, in forks of a process that has imported Rasa."""
    with rasa_to_fork(tmp_path_factory.mktemp("code")) as run:
        yield run


@pytest.fixture
def paths(tmp_path: Path) -> TrainingPaths:
    """Returns the paths of a small project whose Rasa only logs its calls."""
    for name in ("data/nlu", "data/rules", "requirements"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("config.yml", "domain.yml", "requirements/rasa.txt", "data/nlu/greet.yml", "data/rules/talk.yml"):
        (tmp_path / name).write_text(f"# {name}\n")
    return TrainingPaths(root=tmp_path, rasa=tmp_path / "rasa-env", home=tmp_path / "home")
