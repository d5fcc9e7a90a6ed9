"""Runs code in Rasa's own environment, where the modules of bot/rasa are imported by their file names."""

from __future__ import annotations

import os
import subprocess

from bot.rasa.training import QUIET
from tests.eventually import LONG_PATIENCE_S
from tests.home import ROOT
from tests.rasa.speaking import RASA


def in_rasa(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs ``code`` as a process of its own, with ``variables`` in its environment and no RASA_TOKEN but theirs."""
    inherited = {name: value for name, value in os.environ.items() if name != "RASA_TOKEN"}
    environment = {**inherited, **QUIET, "PYTHONPATH": str(ROOT / "bot" / "rasa"), **variables}
    python = RASA / "bin" / "python"
    return subprocess.run(
        [python, "-c", code], capture_output=True, text=True, env=environment, timeout=LONG_PATIENCE_S
    )
