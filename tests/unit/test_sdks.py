"""Tests that the bot starts without optional SDKs, which cost memory and start-up time."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

from tests.home import ROOT

LOADED = "import bot.app.main, sys; print(*sys.modules)"


@cache
def modules_at_the_start() -> set[str]:
    command = [sys.executable, "-c", LOADED]
    return set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())


def test_bot_starts_without_the_sdk_of_any_channel() -> None:
    assert {"telegram", "twilio"} & modules_at_the_start() == set()


def test_bot_starts_without_the_answerer() -> None:
    assert {"sklearn", "scipy", "onnxruntime", "tokenizers"} & modules_at_the_start() == set()
