"""A channel's SDK is loaded when its settings are given, and not before: it takes memory and a part of a second."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT

LOADED = "import bot.app.main, sys; print({'telegram', 'twilio'} & set(sys.modules))"


def test_the_bot_starts_without_the_sdk_of_any_channel() -> None:
    told = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"
