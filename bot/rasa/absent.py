"""Makes Rasa run without TensorFlow and other libraries that only unused components and channels of Rasa need.

Rasa imports all its components and channels at start, even those that config.yml and credentials.yml do not list. This
file replaces each module of ABSENT, and each package of ABSENT_PACKAGES, with one whose names can be imported but raise
LeftOut when they are used. If config.yml lists a component that is left out, Rasa reports that it cannot load the
component. This file imports nothing from this project, since the project is not installed in Rasa's environment.
"""

from __future__ import annotations

import hashlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

ABSENT = {
    "rasa.core.brokers.file",
    "rasa.core.brokers.kafka",
    "rasa.core.brokers.pika",
    "rasa.core.brokers.sql",
    "rasa.core.channels.botframework",
    "rasa.core.channels.callback",
    "rasa.core.channels.console",
    "rasa.core.channels.facebook",
    "rasa.core.channels.hangouts",
    "rasa.core.channels.mattermost",
    "rasa.core.channels.rasa_chat",
    "rasa.core.channels.rocketchat",
    "rasa.core.channels.slack",
    "rasa.core.channels.socketio",
    "rasa.core.channels.telegram",
    "rasa.core.channels.twilio",
    "rasa.core.channels.twilio_voice",
    "rasa.core.channels.webexteams",
    "rasa.core.policies.ted_policy",
    "rasa.core.policies.unexpected_intent_policy",
    "rasa.nlu.classifiers.diet_classifier",
    "rasa.nlu.extractors.crf_entity_extractor",
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer",
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer",
    "rasa.nlu.selectors.response_selector",
    "rasa.utils.plotting",
    "rasa.utils.train_utils",
}
# Packages that necessary modules of Rasa import for functions that are unused here: brokers, trackers in DynamoDB or
# MongoDB, names of models.
ABSENT_PACKAGES = {"aio_pika", "aiormq", "boto3", "botocore", "pymongo", "randomname"}
# The modules of Rasa that import what is absent, and the fingerprint of their sources.
IMPORTERS = (
    "cli/export.py",
    "cli/utils.py",
    "core/brokers/broker.py",
    "core/channels/__init__.py",
    "core/run.py",
    "core/tracker_store.py",
    "engine/recipes/default_components.py",
    "graph_components/validators/default_recipe_validator.py",
    "model_training.py",
    "nlu/extractors/extractor.py",
    "nlu/test.py",
)
KNOWN = "06e746c139a60ee3"


class LeftOut(Exception):
    """Raised when Rasa uses a class or function from a module that is left out."""

    @classmethod
    def of(cls, module: str, name: str) -> LeftOut:
        return cls(f"Rasa needs {module}.{name}, which bot/rasa/absent.py leaves out")


class _LeftOutType(type):
    """The type of a left-out class, which can be compared and named; any other use raises LeftOut."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise LeftOut.of(cls.__module__, cls.__name__)

    def __call__(cls, *_arguments: Any, **_options: Any) -> Any:
        raise LeftOut.of(cls.__module__, cls.__name__)

    def name(cls) -> str:
        """Returns the name by which Rasa lists a channel at start."""
        return cls.__name__


class _AbsentModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        # A subclass of Exception, since Rasa also names such classes after ``except``.
        left_out = _LeftOutType(name, (Exception,), {"__module__": self.__name__})
        setattr(self, name, left_out)
        return left_out


class _AbsentFinder(MetaPathFinder, Loader):
    """An importer that provides replacements of the modules that are left out, before Python searches for them."""

    def find_spec(self, name: str, _path: Any, _target: Any = None) -> ModuleSpec | None:
        if name in ABSENT or name.partition(".")[0] in ABSENT_PACKAGES:
            return ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _AbsentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None: ...


def leave_out() -> None:
    """Makes Python import replacements for the modules that are left out; must run before Rasa is imported.

    Raises SystemExit if the sources of IMPORTERS have changed, since Rasa may then import its parts in another way.
    """
    if fingerprint() != KNOWN:
        sys.exit("Rasa imports its components and channels in another way: adapt bot/rasa/absent.py")
    sys.meta_path.insert(0, _AbsentFinder())


def fingerprint() -> str:
    """Returns the first 16 hex digits of the hash of the sources of IMPORTERS."""
    spec = find_spec("rasa")  # does not import Rasa
    folder = Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else Path()
    sources = (folder / name for name in IMPORTERS)
    whole = b"".join(source.read_bytes() for source in sources if source.exists())
    return hashlib.sha256(whole).hexdigest()[:16]
