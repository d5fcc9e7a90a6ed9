"""Prepares slow inputs once before the tests, outside their time limits: ``python -m tests.prepare``.

These are the encoder, the vectors of the demo's utterances, and Rasa's model, in the home folder shared by all test
processes, and the compiled test modules. If they exist already, this takes several seconds. Without this step, each
test prepares what it needs.
"""

from __future__ import annotations

import fcntl
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.core.settings import Settings
from bot.faq.encoder.folder import WEIGHTS
from bot.run.preparation import preparing_apart
from tests.compiled import compiling
from tests.home import ANSWERS, HOME, ROOT
from tests.rasa.speaking import RASA, copied_project, trained

# Share of a part after which progress is printed again.
STEP = 0.1


def main() -> None:
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another test run from the same clone makes it meanwhile
        _take_weights_of_the_working_copy()
        with compiling(ROOT), preparing_apart(_settings()) as follow:
            if RASA.exists():
                _train_rasa()
            with _timed("encoder") as show:
                follow(show)


def _take_weights_of_the_working_copy() -> None:
    """Copies the weights of the working copy's assistant, if any; damaged ones are downloaded again later."""
    there, here = ROOT / ".ventanilla" / "answers" / "encoder" / WEIGHTS, ANSWERS / "encoder" / WEIGHTS
    if there.is_file() and not here.exists():
        here.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(there, here)


def _settings() -> Settings:
    return Settings(
        VENTANILLA_HOME=HOME,
        VENTANILLA_ROOT=ROOT,
        FAQ_DIR=ROOT / "data" / "faq",
        AGENCY_FILE=ROOT / "agency.yml",
        FAQ_ENCODER="",
    )


def _train_rasa() -> None:
    with _timed("rasa") as show, tempfile.TemporaryDirectory() as folder:
        trained(copied_project(Path(folder)), show)


class _Shown:
    """Prints the progress of a part after each STEP of it."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, share: float, step: str) -> None:
        if share >= self._next:
            self._next = share + STEP
            sys.stderr.write(f"  {share:4.0%}  {step}\n")


@contextmanager
def _timed(part: str) -> Iterator[_Shown]:
    began = time.monotonic()
    yield _Shown()
    sys.stderr.write(f"✓ {part}: {time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    main()
