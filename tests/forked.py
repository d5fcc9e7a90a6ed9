"""Runs a script of the tests in its own process, forked from one that has already imported the code.

Importing the code takes seconds in a new process, and a fork takes milliseconds; a fork can be killed like any other.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess

SCRIPTS = (
    "tests.channels.telegram_sender_process",
    "tests.integration.approvals_process",
    "tests.integration.broadcast_process",
    "tests.integration.commit_process",
    "tests.integration.desk_process",
    "tests.integration.publish_process",
    "tests.integration.removal_process",
    "tests.integration.sender_process",
    "tests.integration.worker_process",
)
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(list(SCRIPTS))


class Forked:
    """A running script, with what the tests use of ``subprocess.Popen``."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.pid = process.pid or 0

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> int:
        """Returns the exit status when the process has ended; -9 if it was killed."""
        self._process.join()
        return self._process.exitcode or 0

    def poll(self) -> int | None:
        """Returns the exit status; None while the process runs."""
        return self._process.exitcode


def start(script: str, *arguments: str, **environment: str) -> Forked:
    """Starts one of SCRIPTS with these arguments, and with more variables in its environment."""
    assert script in SCRIPTS
    process = _context.Process(target=_run, args=(script, arguments, {**os.environ, **environment}), daemon=True)
    process.start()
    return Forked(process)


def _run(script: str, arguments: tuple[str, ...], environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [script, *arguments]
    sys.modules.pop(script, None)
    runpy.run_module(script, run_name="__main__")
