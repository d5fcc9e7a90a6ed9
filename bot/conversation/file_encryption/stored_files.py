"""Writes and deletes stored files under their folder's lock, and encrypts files that an older release left unencrypted.

A file is written under a name that ends in NEW and renamed when it is on the disk. Every writer holds the lock, so a
file with such a name that is found under the lock was left by a process that ended.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bot.conversation.file_encryption.encrypted_file import FACTS, SMALL, encrypted, is_encrypted
from bot.conversation.file_encryption.folder_keys import KEY, FolderKeys, folders_in, locked
from bot.core.disk import write_synced
from bot.core.logs import log
from bot.core.secrets.encryption import ConversationCipher

NEW = ".new"
ENDS = ("", SMALL, FACTS)


def write(path: Path, content: bytes, cipher: ConversationCipher, *, like: os.stat_result | None = None) -> None:
    """Encrypts ``content`` and replaces the file ``path`` atomically; the caller holds the folder's lock.

    Copies the access and modification times of ``like``. If it raises OSError, the old file remains and the temporary
    file is deleted.
    """
    new = path.with_name(path.name + NEW)
    try:
        write_synced(new, encrypted(content, cipher, path.name))  # or a power cut could leave an empty file
        if like:
            os.utime(new, ns=(like.st_atime_ns, like.st_mtime_ns))
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def delete(folder: Path, file_id: str) -> None:
    """Deletes a file, its thumbnail and description, and their temporary files; the caller holds the folder's lock."""
    for end in ENDS:
        (folder / f"{file_id}{end}").unlink(missing_ok=True)
        (folder / f"{file_id}{end}{NEW}").unlink(missing_ok=True)


def erase(folder: Path) -> None:
    """Deletes a folder with everything in it, its key first. Raises OSError if anything remains."""
    with suppress(FileNotFoundError), locked(folder):
        (folder / KEY).unlink(missing_ok=True)
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        folder.rmdir()


def encrypt_all(root: Path, keys: FolderKeys, has_room: Callable[[], bool]) -> tuple[int, int]:
    """Encrypts the unencrypted files of all folders below ``root``.

    Returns the number of encrypted files, and a number that is 0 only if no unencrypted file is left: files that wait
    for disk space, plus folders with an error.
    """
    done = left = 0
    for folder in folders_in(root):
        try:
            for path in _clear_in(folder):
                if has_room():
                    done += _encrypt(path, keys)
                else:
                    left += 1
        except OSError as error:  # the other folders are still encrypted
            left += 1
            if not isinstance(error, FileNotFoundError):  # else deleted meanwhile
                log.error("files: older files not encrypted", folder=folder.name, error=type(error).__name__)
    return done, left


def _clear_in(folder: Path) -> list[Path]:
    """Returns the folder's unencrypted files; also deletes temporary files that a killed process left."""
    paths = list(folder.iterdir())
    if any(path.suffix == NEW for path in paths):
        with locked(folder):
            for path in folder.glob(f"*{NEW}"):
                path.unlink(missing_ok=True)
    return [path for path in paths if path.name != KEY and path.suffix != NEW and path.name[0] != "." and _clear(path)]


def _clear(path: Path) -> bool:
    """Returns whether the file exists, is not empty, and is unencrypted."""
    try:
        return path.is_file() and path.stat().st_size > 0 and not is_encrypted(path)
    except FileNotFoundError:
        return False


def _encrypt(path: Path, keys: FolderKeys) -> bool:
    """Encrypts an unencrypted file and keeps its modification time, from which its retention is computed.

    Returns False if another process deleted or encrypted it first.
    """
    with locked(path.parent):
        if not _clear(path):
            return False
        write(path, path.read_bytes(), keys.cipher(path.parent), like=path.stat())
        return True
