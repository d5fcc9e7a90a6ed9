"""Locks a file of a Git repository as Git does, so that what a killed process left can be told from anybody else's.

Git's lock of a file is another file beside it, ``<file>.lock``, which must not exist before. Ours is a symbolic link:
it is made in one step together with its target OWNER, so a lock is never there without saying whose it is.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.desk.editing.commits.trouble import CannotCommit, Reason

OWNER = "ventanilla"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keeps other processes of ours out of the Git directory ``folder``. Raises CannotCommit, OSError."""
    with (folder / f"{OWNER}.lock").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel releases it, also after a kill
        except BlockingIOError:
            raise CannotCommit(Reason.LOCKED) from None
        yield


def release_left(path: Path) -> None:
    """Removes a lock that a killed process of ours left; only to be called inside ``alone``. Raises OSError."""
    lock = _lock_of(path)
    if lock.is_symlink() and os.readlink(lock) == OWNER:
        lock.unlink()


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keeps Git from writing the file ``path``; only to be called inside ``alone``. Raises CannotCommit, OSError."""
    lock = _lock_of(path)
    try:
        lock.symlink_to(OWNER)
    except FileExistsError:
        raise CannotCommit(Reason.LOCKED) from None
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")
