"""Provides an installation to back up, and the stores of a restored home folder."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.backup import restore as restoring
from bot.backup.backup import back_up
from bot.backup.encryption import new_key
from bot.backup.manifest import Manifest
from bot.backup.place import Place
from bot.core.settings import Settings
from tests import forked
from tests.conftest import ROOT
from tests.eventually import LONG_PATIENCE_S
from tests.faq_files import write_folder

SECRET = "s" * 40  # of all tests (tests/transcripts.py)


@dataclass(frozen=True)
class Installed:
    """The settings of an installation whose stores are already running, and the key of its backups."""

    settings: Settings
    key: Path
    public: str
    environment: dict[str, str]

    @property
    def home(self) -> Path:
        return self.settings.home

    def back_up(self, path: Path) -> Manifest:
        return back_up(self.settings, path, [self.public])

    def request(self, path: Path) -> restoring.Request:
        return restoring.Request(path, self.key)

    def empty_settings(self, home: Path) -> Settings:
        """Returns the settings of an empty installation with embedded stores."""
        content = {"AGENCY_FILE": home.parent / "agency.yml", "FAQ_DIR": home.parent / "faq"}
        return Settings(VENTANILLA_HOME=home, VENTANILLA_SECRET=SECRET, **content)

    def command(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """Starts ``ventanilla`` in a new process, which takes seconds because it imports the code."""
        return subprocess.Popen(
            [sys.executable, "-c", "from bot.cli.main import main; main()", *words],
            env=self._environment(environment),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str, **environment: str) -> tuple[int, str]:
        """Runs ``ventanilla`` in a forked process; returns its exit status and its output."""
        output = self.home.parent / f"output-{secrets.token_hex(4)}"
        process = forked.start_with(forked.COMMAND, words, self._environment(environment), output)
        return process.wait(LONG_PATIENCE_S), output.read_text(encoding="utf-8")

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        return {**os.environ, "COLUMNS": "300", **self.environment, **more}


def installed(folder: Path, redis_url: str, database_url: str) -> Installed:
    """Makes a home folder, agency.yml and answers in ``folder``, for stores that are already running."""
    home, key = folder / "home", folder / "key.txt"
    home.mkdir(parents=True)
    (folder / "agency.yml").write_bytes((ROOT / "agency.yml").read_bytes())
    environment = {
        "VENTANILLA_HOME": str(home),
        "VENTANILLA_SECRET": SECRET,
        "REDIS_URL": redis_url,
        "DATABASE_URL": database_url,
        "RASA_DATABASE_URL": database_url.rsplit("/", 1)[0] + "/rasa",
        "AGENCY_FILE": str(folder / "agency.yml"),
        "FAQ_DIR": str(write_folder(folder / "faq")),
    }
    public = new_key(key)
    return Installed(Settings(**environment), key, public, environment | {"BACKUP_RECIPIENT": public})


def add_file(home: Path, conversation: str, name: str, content: bytes) -> None:
    path = home / "files" / conversation / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@contextmanager
def stores_of(home: Path) -> Iterator[tuple[str, str]]:
    """Starts the stores of a restored home folder, as ``ventanilla run`` does; yields Redis's and the record's URL."""
    place = Place(home.absolute())
    try:
        record, _ = place.start_postgres()
        yield place.start_valkey(), record
    finally:
        place.stop()
