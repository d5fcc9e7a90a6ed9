"""Moves the files that the answerer needs from the home folder, where earlier versions kept them, to ``answers``.

Needed only for a home folder of an earlier version, or one restored from its backup. No process may use the files
meanwhile.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from bot.core.texts import say
from bot.faq.encoder.folder import OWN_ADAPTER, VECTORS

CARD = "adapter.md"
NAMES = ("encoder", "good", VECTORS, OWN_ADAPTER, CARD, "experience.json", "*.npz")  # ``*.npz``: the classifiers


def left_beside(home: Path) -> list[Path]:
    """Returns the files and folders directly in ``home`` that belong in the folder ``answers``."""
    return [path for name in NAMES for path in sorted(home.glob(name))]


def bring_together(home: Path, answers: Path) -> list[str]:
    """Moves the files and folders that ``left_beside`` finds to ``answers``; merges folders.

    A file that is already in ``answers`` stays, and the old file is deleted. Of two different adapters, the adapter
    that changed last is used, and the other adapter is kept in ``home`` under another name. Returns notices for the
    operator, in Spanish: about that adapter, and about files that could not be moved and stay where they are. Raises
    OSError if ``answers`` cannot be created.
    """
    answers.mkdir(mode=0o700, parents=True, exist_ok=True)
    notices = list(_keep_the_older_adapter(home, answers))
    for path in left_beside(home):
        try:
            _move(path, answers / path.name)
        except FileNotFoundError:
            continue  # another process was faster
        except OSError as error:
            notices.append(say("cli.run.no_movido", archivo=path, carpeta=answers, problema=error.strerror or error))
    return notices


def _keep_the_older_adapter(home: Path, answers: Path) -> Iterator[str]:
    """Renames the older of two different adapters, and its card; yields a notice with the adapter's new path."""
    old, new = home / OWN_ADAPTER, answers / OWN_ADAPTER
    with suppress(FileNotFoundError):  # there are not two
        if old.read_bytes() == new.read_bytes():
            return
        older = old if old.stat().st_mtime < new.stat().st_mtime else new
        kept = home / f"adapter-{time.time_ns()}.safetensors"
        _move(older, kept)
        yield say("cli.run.ajuste_apartado", archivo=kept)
        _move(older.with_name(CARD), kept.with_suffix(".md"))


def _move(path: Path, target: Path) -> None:
    """Moves a file, link or folder to ``target``, even on another disk; if ``target`` exists, deletes a file instead.

    Leaves a link in place if ``target`` is anything but an empty folder, and the file of vectors while a process has it
    open. Raises OSError.
    """
    if path.is_symlink():
        _move_link(path, target)
    elif path.is_dir():
        _move_folder(path, target)
    elif path.name == VECTORS and _is_open(path):
        return
    elif target.exists():
        path.unlink()
    else:
        _move_file(path, target)


def _move_link(path: Path, target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        with suppress(OSError):
            target.rmdir()
    if not os.path.lexists(target):
        target.symlink_to(os.path.normpath(path.parent.resolve() / path.readlink()))
        path.unlink()


def _move_folder(path: Path, target: Path) -> None:
    has_links = any(one.is_symlink() for one in path.rglob("*"))
    if not has_links and not os.path.lexists(target):
        with suppress(OSError):  # another disk, or a mount point
            path.rename(target)
            return
    target.mkdir(mode=0o700, exist_ok=True)
    for one in sorted(path.iterdir()):
        _move(one, target / one.name)
    with suppress(OSError):
        path.rmdir()


def _move_file(path: Path, target: Path) -> None:
    try:
        path.rename(target)
    except FileNotFoundError:
        raise
    except OSError:  # another disk, or a mount point
        fresh = target.with_name(f"{target.name}.new")
        shutil.copy2(path, fresh)
        fresh.replace(target)
        path.unlink()


def _is_open(vectors: Path) -> bool:
    """Returns whether a process has the SQLite file open; if none has, removes its ``-wal`` and ``-shm`` files."""
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(vectors, timeout=0)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return vectors.with_name(f"{VECTORS}-wal").exists()
