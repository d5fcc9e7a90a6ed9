"""Runs PostgreSQL and Valkey in a separate folder, so that a backup can be restored into them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.core.secrets.kept import kept_secret, new_secret
from bot.run.part import Part, Running
from bot.run.ports import free_port
from bot.run.postgres import DATABASE, RASA_DATABASE, make_databases, postgres_part, postgres_url
from bot.run.valkey import valkey_part, valkey_url


class Place:
    """A folder laid out like a home folder, with the PostgreSQL and Valkey whose data it contains."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._parts: list[Running] = []

    def start_postgres(self) -> tuple[str, str]:
        """Starts an empty PostgreSQL and returns the URLs of the record and of Rasa's trackers.

        Raises PartFailed, SecretsDamaged and OSError.
        """
        port, password = free_port(), kept_secret(self.home, "postgres")
        self._start(postgres_part(self.home, port, password))
        make_databases(port, password)
        return postgres_url(port, password, DATABASE), postgres_url(port, password, RASA_DATABASE)

    def start_valkey(self) -> str:
        """Starts Valkey with the data in the folder and returns its URL.

        Raises PartFailed and OSError.
        """
        port, password = free_port(), new_secret()
        self._start(valkey_part(self.home, port, password))
        return valkey_url(port, password)

    def stop(self) -> None:
        """Stops the stores that were started; they write their data to disk as they stop."""
        while self._parts:
            self._parts.pop().stop()

    def _start(self, part: Part) -> None:
        running = Running(part)
        self._parts.append(running)
        running.wait_healthy()


@contextmanager
def empty_place(folder: Path) -> Iterator[Place]:
    """Yields a new, empty folder as a Place; at the end, stops its stores and deletes it (context manager).

    If a killed process left the folder behind, it is deleted first.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    place = Place(folder.absolute())
    try:
        yield place
    finally:
        place.stop()
        shutil.rmtree(folder, ignore_errors=True)
