"""Runs code in Rasa's own environment, where the modules of bot/rasa are imported by their file names."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.rasa.training import QUIET
from tests.eventually import LONG_PATIENCE_S
from tests.home import ROOT
from tests.rasa.speaking import RASA

# Runs ``code`` as a process of its own, with more variables in its environment.
InRasa = Callable[..., subprocess.CompletedProcess[str]]


def in_new_rasa(code: str) -> subprocess.CompletedProcess[str]:
    """Runs ``code`` in a new process, which has not imported anything yet."""
    command = [RASA / "bin" / "python", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, env=_environment(), timeout=LONG_PATIENCE_S)


@contextmanager
def rasa_to_fork(folder: Path) -> Iterator[InRasa]:
    """Yields a function that runs code in a process without RASA_TOKEN that has imported Rasa's used parts."""
    command = [str(RASA / "bin" / "python"), "-P", str(Path(__file__).with_name("forking.py"))]
    with subprocess.Popen(command, env=_environment(), text=True, stdin=-1, stdout=-1) as process:
        assert process.stdin and process.stdout
        asks, answers = process.stdin, process.stdout
        output, errors = folder / "output", folder / "errors"

        def in_rasa(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
            for path in (output, errors):
                path.unlink(missing_ok=True)
            asked = {"code": code, "variables": variables, "output": str(output), "errors": str(errors)}
            asks.write(json.dumps(asked) + "\n")
            asks.flush()
            status = int(answers.readline())
            return subprocess.CompletedProcess(code, status, output.read_text(), errors.read_text())

        yield in_rasa


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "RASA_TOKEN"}
    return {**inherited, **QUIET, "PYTHONPATH": str(ROOT / "bot" / "rasa")}
