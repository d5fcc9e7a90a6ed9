"""Locks files of a Git repository as Git does, but so that the locks of a killed process of ours can be recognized.

The lock of a file is ``<file>.lock``, which must not exist before. Git creates a regular file, we create a symbolic
link to OWNER: link and target are created in one step, so the lock identifies its owner from the first moment.
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
    """Keeps other processes of this program out of the Git directory ``folder`` until the block ends.

    Raises CannotCommit if such a process is inside, or OSError.
    """
    with (folder / f"{OWNER}.lock").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel releases it, also after a kill
        except BlockingIOError:
            raise CannotCommit(Reason.LOCKED) from None
        yield


def release_left(path: Path) -> None:
    """Removes the lock of ``path`` that a killed process of ours left; for use inside ``alone``. Raises OSError."""
    lock = _lock_of(path)
    if lock.is_symlink() and os.readlink(lock) == OWNER:
        lock.unlink()


def release_objects(common: Path) -> None:
    """Removes the locks of objects that killed processes of ours left; for use inside ``alone``. Raises OSError.

    ``common`` is the Git directory with the objects. Git itself never locks an object.
    """
    for lock in common.glob("objects/??/*.lock"):
        lock.unlink(missing_ok=True)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keeps Git from writing the file ``path`` until the block ends; only for use inside ``alone``.

    Raises CannotCommit if the file is locked, or OSError.
    """
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
