"""Backs up the trial's data while citizens write, checks the backup, deletes all data, and restores the backup.

The commands are those of docs/operations/backups.md, «Backups with Docker Compose». They need ``age`` on this machine.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

FILE, SECRET, KEY = "trial.age", "claves.age", "llave.txt"
PUBLIC = re.compile(r"age1[0-9a-z]{50,}")
LOST = ("postgres", "valkey", "secrets", "files", "state")
OWNER = 10001  # user id of the processes in the containers


class Project(Protocol):
    """Defines the interface of a running project; a command that fails ends the trial."""

    def compose(self, *arguments: str, said: str = "") -> str: ...

    def lose(self, *volumes: str) -> None:
        """Removes all containers, and the given volumes."""


class Backups:
    """The backups of a project in ``folder``, which docker-compose.yml mounts.

    The private key is kept outside of that folder.
    """

    def __init__(self, project: Project, folder: Path) -> None:
        self._project, self._folder = project, folder
        self._public = self._key = ""

    def prepare(self) -> None:
        """Creates a key pair, moves the private key from the folder into memory, and backs up the secret."""
        found = PUBLIC.search(self._run("backup", KEY, "--new-key"))
        assert found  # noqa: S101
        self._public, path = found[0], self._folder / KEY
        self._key = path.read_text(encoding="utf-8")
        path.unlink()
        self._run("backup", SECRET, "--secrets", "--recipient", self._public)

    def write(self) -> str:
        """Writes a backup and returns the command's output."""
        return self._run("backup", FILE, "--recipient", self._public)

    def check(self) -> str:
        return self._run("restore", FILE, "--key", "/dev/stdin", "--check", said=self._key)

    def restore(self, store_secret: Callable[[str, str], None]) -> str:
        """Deletes all data, stores the old secret, and restores the backup; returns the output of the command."""
        self._project.lose(*LOST)
        command = ["age", "--decrypt", "--identity", "-", str(self._folder / SECRET)]
        opened = subprocess.run(command, input=self._key, capture_output=True, text=True, check=True)  # noqa: S603
        store_secret("ventanilla_secret", opened.stdout)
        return self._run("restore", FILE, "--key", "/dev/stdin", said=self._key)

    def _run(self, service: str, *arguments: str, said: str = "") -> str:
        return self._project.compose("run", "--rm", "-T", service, *arguments, said=said)
