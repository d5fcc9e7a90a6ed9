"""Tests which parts of Rasa are left out, and what happens when one is used."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.rasa.inside import in_rasa
from tests.rasa.speaking import RASA, SpeakingRasa

HEAVY = {"tensorflow", "keras", "jax", "jaxlib", "matplotlib", "transformers", "spacy", "pycrfsuite", "botocore"}
LEFT_OUT = """
import absent

absent.leave_out()
"""
CHANNEL = """
from rasa.core.run import _create_single_channel

_create_single_channel("telegram", {"access_token": "1:a", "verify": "bot", "webhook_url": "https://localhost"})
"""
COMPONENT = """
from rasa.engine.recipes.default_recipe import DefaultV1Recipe

DefaultV1Recipe().graph_config_for_recipe({"pipeline": [{"name": "DIETClassifier"}], "policies": []}, {})
"""
TRACKERS = """
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

TrackerStore.create(EndpointConfig(type="mongod", url="mongodb://localhost"), Domain.empty())
"""


def test_running_rasa_loads_no_library_of_the_parts_that_are_left_out(rasa: SpeakingRasa) -> None:
    loaded = Path(f"/proc/{rasa.pid}/maps").read_text()
    packages = set(re.findall(r"/site-packages/(\w+)/", loaded))
    assert "sklearn" in packages
    assert packages & HEAVY == set()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (CHANNEL, "RasaException: Failed to find input channel class for 'telegram'"),
        (COMPONENT, "InvalidConfigException: Can't load class for name 'DIETClassifier'"),
        (TRACKERS, "LeftOut: Rasa needs pymongo.MongoClient"),
    ],
)
def test_use_of_a_part_that_is_left_out_is_an_error_that_names_it(code: str, error: str) -> None:
    done = in_rasa(LEFT_OUT + code)
    assert done.returncode == 1
    assert error in done.stderr.splitlines()[-1]


def test_rasa_that_imports_its_components_in_another_way_is_not_run(tmp_path: Path) -> None:
    whole = next(RASA.glob("lib/*/site-packages/rasa"))
    shutil.copytree(whole, tmp_path / "rasa")
    with (tmp_path / "rasa" / "engine" / "recipes" / "default_components.py").open("a") as components:
        components.write("# changed\n")
    done = in_rasa(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{LEFT_OUT}")
    assert done.returncode == 1
    assert "adapt bot/rasa/absent.py" in done.stderr
