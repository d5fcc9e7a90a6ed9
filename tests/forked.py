"""Runs a script of the tests, a part or a command in a process forked from one that has imported the code.

Importing the code takes seconds in a new process, and a fork takes milliseconds. A forked process can be killed like
any other.
"""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from bot.core.process import die_with_parent
from bot.run.part import Running

BOT, COMMAND, RASA = "tests.bot_script", "tests.integration.command_process", "tests.rasa_stand_in"
SCRIPTS = (
    BOT,
    COMMAND,
    RASA,
    "tests.channels.telegram_sender_process",
    "tests.integration.approvals_process",
    "tests.integration.broadcast_process",
    "tests.integration.chat_process",
    "tests.integration.commit_process",
    "tests.integration.desk_process",
    "tests.integration.publish_process",
    "tests.integration.removal_process",
    "tests.integration.sender_process",
    "tests.integration.worker_process",
)
# Modules that BOT and COMMAND import only when they run; tests.warm loads what the scripts read then.
LATER = (
    "tests.warm",
    "bot.app.serving",
    "bot.backup.backup",
    "bot.backup.report",
    "bot.backup.restore",
    "bot.privacy.corrections",
    "bot.privacy.renewal",
    "bot.record.migrate",
)
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.uncollected", *SCRIPTS, *LATER])


class Forked:
    """A running script, with the part of the interface of ``subprocess.Popen`` that tests and ``Running`` use."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.pid = process.pid or 0

    def kill(self) -> None:
        self._process.kill()

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the end and returns the exit status (-9 if killed). Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return self._process.exitcode

    def poll(self) -> int | None:
        """Returns the exit status, or None while the process runs."""
        return self._process.exitcode

    @property
    def returncode(self) -> int | None:
        return self.poll()


class ForkedPart(Running):
    """A part whose process is forked, with the arguments, the environment and the log of its part.

    The bot's leases are short. In contrast, ``ventanilla run`` starts the parts by their command lines, also in tests
    (tests/system.py).
    """

    def restart(self) -> None:
        self.started_at = time.monotonic()
        _python, _m, module, *arguments = self.part.command
        script = BOT if module == "bot" else module
        self.process = start_with(script, arguments, self.part.env or os.environ, self.part.log)  # type: ignore[assignment]


def start(script: str, *arguments: str, **environment: str) -> Forked:
    """Starts one of SCRIPTS with these arguments; ``environment`` is added to this process's environment."""
    return start_with(script, arguments, {**os.environ, **environment})


def start_with(
    script: str, arguments: Sequence[str], environment: Mapping[str, str], output: Path | None = None
) -> Forked:
    """Starts one of SCRIPTS with exactly this environment; the process appends its output to the file ``output``."""
    assert script in SCRIPTS
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
    process = _context.Process(target=_run, args=(script, arguments, dict(environment), output), daemon=True)
    process.start()
    return Forked(process)


def _run(script: str, arguments: Sequence[str], environment: Mapping[str, str], output: Path | None) -> None:
    die_with_parent(signal.SIGKILL)
    gc.freeze()  # a collection would visit all that was imported, and so copy its pages
    gc.enable()
    if output:
        descriptor = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.dup2(descriptor, sys.stdout.fileno())
        os.dup2(descriptor, sys.stderr.fileno())
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [script, *arguments]
    sys.modules.pop(script, None)
    try:
        runpy.run_module(script, run_name="__main__")
    finally:
        atexit._run_exitfuncs()  # multiprocessing leaves them out; one writes the last lines of the log
