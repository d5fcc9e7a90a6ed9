"""Locks the home folder, so that one launcher, or one restore, uses it at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from bot.core.errors import AlreadyRunning
from bot.core.settings import Settings
from bot.run.system import running_system


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Holds the home folder's lock. Raises AlreadyRunning."""
    settings.home.mkdir(parents=True, exist_ok=True)
    settings.home.chmod(0o700)
    with (settings.home / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            other = running_system(settings.home) or {}
            url = f"http://{settings.host}:{other.get('port', settings.port)}"
            raise AlreadyRunning(url=url, pid=other.get("pid", "?")) from error
        yield
