"""Runs the whole system as a person starts it: ``ventanilla run`` in a process.

The system has a separate home folder and copy of the FAQ.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bot.desk.auth.first_password import first_password_file
from bot.run.ports import free_port
from bot.run.system import running_system
from tests.eventually import LONG_PATIENCE_S, PATIENCE_S, eventually_blocking


@dataclass
class Installation:
    """A running system. ``url`` has no trailing slash; ``log`` is the launcher's output."""

    url: str
    home: Path
    faq: Path
    process: subprocess.Popen[str]
    log: list[str] = field(default_factory=list)

    @property
    def administrator(self) -> tuple[str, str]:
        """Returns the administrator's e-mail address and one-time password of the first run, until that is used."""
        email, password = first_password_file(self.home).read_text().split()
        return email, password

    def pid(self, part: str) -> int:
        """Returns the process id of a part, found by its command line among the launcher's children."""
        marks = {"valkey": "valkey-server", "postgres": "bin/postgres", "rasa": "rasa/command.py", "actions": "actions"}
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in map(int, children):
            command = Path(f"/proc/{child}/cmdline").read_text().split("\0")
            if any(marks.get(part, part) in word for word in command if word not in {"-c"}) and _is(part, command):
                return child
        raise LookupError(part)

    def kill(self, part: str) -> None:
        os.kill(self.pid(part), signal.SIGKILL)

    def wait_healthy(self) -> None:
        eventually_blocking(self._is_healthy, LONG_PATIENCE_S)

    def _is_healthy(self) -> bool:
        """Checks the bot with its dependencies, and the action server, which the bot does not check."""
        noted = running_system(self.home)
        if noted is None:
            return False
        try:
            actions = asked(f"{noted['ACTIONS_URL']}/health")
            bot = asked(f"{self.url}/readyz")
            return actions.status_code == httpx.codes.OK and all(bot.json().values())
        except (httpx.HTTPError, ValueError):
            return False


def asked(url: str) -> httpx.Response:
    """Requests a page of this machine. Skips the certificates, because loading them takes longer than the request."""
    return httpx.get(url, timeout=PATIENCE_S, verify=False)  # noqa: S501  (plain HTTP)


def _is(part: str, command: list[str]) -> bool:
    if part in {"actions", "bot"}:
        return command[1:3] == ["-m", part]
    return part != "rasa" or command[2] == "run"


@contextmanager
def installed(home: Path, faq: Path, *, fresh: bool = True, **environment: str) -> Iterator[Installation]:
    """Runs ``ventanilla run`` until the block ends, and yields it; deletes the data of earlier runs if ``fresh``.

    The encoder and the models are always kept.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another test run from the same clone waits here
        for name in ("valkey", "postgres") if fresh else ():
            shutil.rmtree(home / name, ignore_errors=True)
        with _running(home, faq, environment) as running:
            yield running


@contextmanager
def _running(home: Path, faq: Path, environment: dict[str, str]) -> Iterator[Installation]:
    port = free_port()
    settings = {"VENTANILLA_HOME": str(home), "FAQ_DIR": str(faq), "PORT": str(port), "METRICS_PORT": "", **environment}
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "ventanilla"), "run"],
        env={**os.environ, "COLUMNS": "200", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = Installation(f"http://127.0.0.1:{port}", home, faq, process)
    reading = threading.Thread(target=_read, args=(running,), daemon=True)
    reading.start()
    try:
        _wait_ready(running)
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_S)
        reading.join(PATIENCE_S)
        if process.stdout:
            process.stdout.close()


def _read(running: Installation) -> None:
    for line in running.process.stdout or ():
        running.log.append(line.rstrip())


def _wait_ready(running: Installation) -> None:
    def ready_or_ended() -> bool:
        return any("Ctrl-C" in line for line in running.log) or running.process.poll() is not None

    eventually_blocking(ready_or_ended, LONG_PATIENCE_S)
    if running.process.poll() is not None:
        raise RuntimeError("ventanilla run did not start:\n" + "\n".join(running.log))
