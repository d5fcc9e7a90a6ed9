"""Tests which parts of Rasa are left out, and what happens if one of them is used."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.rasa.inside import InRasa, in_new_rasa
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


# Prints which channels are really loaded, which can be made, which brokers are real, and which libraries are there.
CONNECTORS = """
import importlib, json, pkgutil, sys
from importlib.util import find_spec
import rasa.server
import rasa.core.run
import rasa.core.brokers, rasa.core.channels as channels

def real(package):
    names = [one.name for one in pkgutil.iter_modules(package.__path__)]
    made = {name: importlib.import_module(f"{package.__name__}.{name}") for name in names}
    return sorted(name for name, module in made.items() if getattr(module, "__file__", None))

def usable(made):
    try:
        return made.from_credentials({}).name()
    except absent.LeftOut:
        return None

usables = [usable(one) for one in channels.input_channel_classes]
libraries = "slack_sdk slackclient twilio aiogram fbmessenger mattermostwrapper rocketchat_API webexteamssdk socketio "
libraries += "engineio kafka confluent_kafka"
found = [one for one in libraries.split() if find_spec(one)]
brokers = [one for one in real(rasa.core.brokers) if one != "broker"]
print(json.dumps([real(channels), [one for one in usables if one], brokers, found]))
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
def test_use_of_a_part_that_is_left_out_is_an_error_that_names_it(in_rasa: InRasa, code: str, error: str) -> None:
    done = in_rasa(LEFT_OUT + code)
    assert done.returncode == 1
    assert error in done.stderr.splitlines()[-1]


def test_only_the_rest_channel_of_rasa_can_be_used(in_rasa: InRasa) -> None:
    done = in_rasa(LEFT_OUT + CONNECTORS)
    assert done.returncode == 0, done.stderr
    loaded, usable, brokers, libraries = json.loads(done.stdout.splitlines()[-1])
    assert loaded == ["channel", "rest"]
    assert usable == ["rest"]
    assert brokers == []
    assert libraries == []


@pytest.mark.parametrize("channel", ["callback", "rasa", "cmdline", "slack", "twilio", "socketio"])
def test_connector_that_credentials_name_is_refused(in_rasa: InRasa, channel: str) -> None:
    done = in_rasa(LEFT_OUT + CHANNEL.replace("telegram", channel))
    assert done.returncode == 1
    assert f"Failed to find input channel class for '{channel}'" in done.stderr.splitlines()[-1]


def test_rasa_that_imports_its_components_in_another_way_is_not_run(tmp_path: Path) -> None:
    whole = next(RASA.glob("lib/*/site-packages/rasa"))
    shutil.copytree(whole, tmp_path / "rasa")
    with (tmp_path / "rasa" / "engine" / "recipes" / "default_components.py").open("a") as components:
        components.write("# changed\n")
    done = in_new_rasa(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{LEFT_OUT}")
    assert done.returncode == 1
    assert "adapt bot/rasa/absent.py" in done.stderr
