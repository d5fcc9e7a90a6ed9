"""Tests what each process loads when it starts: that costs memory and start-up time."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

from tests.home import ROOT

SLOW_TO_IMPORT = {"numpy", "scipy", "sklearn", "onnxruntime", "sqlalchemy", "redis", "fastapi", "jinja2"}


@cache
def loaded_by(*modules: str) -> set[str]:
    """Returns the top-level packages that a fresh process has loaded after importing ``modules``."""
    code = f"import sys, {', '.join(modules)}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_help_works_without_loading_what_commands_need() -> None:
    assert SLOW_TO_IMPORT.isdisjoint(loaded_by("bot.cli.main"))


def test_answering_does_not_load_what_builds_the_encoder() -> None:
    assert {"onnx", "onnxruntime"}.isdisjoint(loaded_by("actions.server", "bot.app.main"))
    assert "onnx" not in loaded_by("actions.serving", "bot.app.serving", "bot.faq.publishing.load")
    assert "onnx" in loaded_by("bot.encoder_build.prepare")


def test_bot_starts_without_the_sdk_of_any_channel() -> None:
    assert {"telegram", "twilio"}.isdisjoint(loaded_by("bot.app.main"))


def test_channels_and_their_commands_are_found_without_loading_an_sdk() -> None:
    modules = [f"bot.channels.{channel}.{name}" for channel in ("telegram", "whatsapp") for name in ("connect", "cli")]
    assert {"telegram", "twilio"}.isdisjoint(loaded_by(*modules))


def test_bot_starts_without_the_answerer() -> None:
    assert {"sklearn", "scipy", "onnxruntime", "tokenizers"}.isdisjoint(loaded_by("bot.app.main"))


def test_bot_starts_without_what_commits_to_git() -> None:
    assert "dulwich" not in loaded_by("bot.app.main", "bot.run.doctor", "bot.desk.editing.commits.queue")
