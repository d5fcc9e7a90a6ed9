"""Tests which packages each process loads when it starts, because they cost memory and start-up time."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

from tests.home import ROOT

SLOW_TO_IMPORT = {"numpy", "scipy", "sklearn", "onnxruntime", "sqlalchemy", "redis", "fastapi", "jinja2"}
BOT, ACTIONS, DOCTOR, BUILD = "bot.app.main", "actions.server", "bot.run.doctor", "bot.encoder_build.prepare"
COMMANDS = tuple(
    f"bot.channels.{channel}.{name}" for channel in ("telegram", "whatsapp") for name in ("connect", "cli")
)
# Loaded in this order by one process, since each process of its own takes seconds: a test asks after one of them, whose
# forerunners load no more than it may.
IN_TURN: tuple[str, ...] = (BOT, ACTIONS, "bot.desk.editing.commits.queue", DOCTOR, *COMMANDS)
IN_TURN += ("actions.serving", "bot.app.serving", "bot.faq.publishing.load", BUILD)
IMPORT = """
import importlib, sys
for module in sys.argv[1:]:
    importlib.import_module(module)
    print(*{name.partition(".")[0] for name in sys.modules})
"""


@cache
def loaded_by(*modules: str) -> dict[str, set[str]]:
    """Returns the top-level packages that a fresh process has loaded after each module, imported in this order."""
    command = [sys.executable, "-c", IMPORT, *modules]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {module: set(line.split()) for module, line in zip(modules, done.stdout.splitlines(), strict=True)}


def test_help_works_without_loading_what_commands_need() -> None:
    assert SLOW_TO_IMPORT.isdisjoint(loaded_by("bot.cli.main")["bot.cli.main"])


def test_answering_does_not_load_what_builds_the_encoder() -> None:
    loaded = loaded_by(*IN_TURN)
    assert {"onnx", "onnxruntime"}.isdisjoint(loaded[ACTIONS])
    assert "onnx" not in loaded["bot.faq.publishing.load"]
    assert "onnx" in loaded[BUILD]


def test_bot_starts_without_the_sdk_of_any_channel() -> None:
    assert {"telegram", "twilio"}.isdisjoint(loaded_by(*IN_TURN)[BOT])


def test_channels_and_their_commands_are_found_without_loading_an_sdk() -> None:
    assert {"telegram", "twilio"}.isdisjoint(loaded_by(*IN_TURN)[COMMANDS[-1]])


def test_bot_starts_without_the_answerer() -> None:
    assert {"sklearn", "scipy", "onnxruntime", "tokenizers"}.isdisjoint(loaded_by(*IN_TURN)[BOT])


def test_bot_starts_without_what_commits_to_git() -> None:
    assert "dulwich" not in loaded_by(*IN_TURN)[DOCTOR]
