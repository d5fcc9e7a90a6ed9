"""Makes, reads and rewraps the key of each folder of files, which is stored in the folder, wrapped by a master key.

The key is beside the files, not in PostgreSQL, so that a citizen can send a file while PostgreSQL is unavailable.
Deleting the folder deletes its key.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.conversation.file_encryption.encrypted_file import Ciphers, encrypted, is_encrypted
from bot.core.disk import replace_file
from bot.core.encryption import ConversationCipher, MasterKeys
from bot.core.logs import log

KEY = "folder.key"  # a line for each key: its id, its master key's id, and the wrapped key in Base64
NEW = ".new"


@dataclass(frozen=True)
class _Key:
    """A line of the key file."""

    id: str
    master: str
    wrapped: bytes

    @classmethod
    def of(cls, line: str) -> _Key:
        id, master, wrapped = line.split()
        return cls(id, master, b64decode(wrapped))

    def line(self) -> str:
        return f"{self.id} {self.master} {b64encode(self.wrapped).decode()}\n"


class FolderKeys:
    """The keys of folders; ``masters`` wrap them. Methods block the thread and may raise OSError."""

    def __init__(self, masters: MasterKeys) -> None:
        self._masters = masters

    def ciphers(self, folder: Path) -> Ciphers:
        """Returns the ciphers of the folder's keys that can be unwrapped, by id."""
        found = ((key, self._masters.unwrap(folder.name, key.id, key.master, key.wrapped)) for key in _keys_in(folder))
        return {key.id: cipher for key, cipher in found if cipher}

    def cipher(self, folder: Path) -> ConversationCipher:
        """Returns the cipher for new files of an existing folder, and makes its key if there is none.

        If no key can be unwrapped, adds a second one. Raises FileNotFoundError if the folder is deleted meanwhile.
        """
        with locked(folder):
            if known := self.ciphers(folder):
                os.utime(folder / KEY)  # as young as the newest file, so `forget_old_key` leaves it
                return next(iter(known.values()))
            cipher, wrapped = self._masters.new_key(folder.name)
            keys = [*_keys_in(folder), _Key(cipher.id, self._masters.newest, wrapped)]
            replace_file(folder / KEY, "".join(one.line() for one in keys))
            return cipher

    def rewrap(self, folder: Path) -> tuple[int, int]:
        """Wraps the folder's keys with the newest master key.

        Returns the numbers of keys that changed, and of keys whose master key is unknown.
        """
        with locked(folder):
            changed, unknown, keys = 0, 0, []
            for key in _keys_in(folder):
                fresh = None
                if key.master != self._masters.newest:
                    fresh = self._masters.rewrap(folder.name, key.id, key.master, key.wrapped)
                    changed, unknown = changed + (fresh is not None), unknown + (fresh is None)
                keys.append(_Key(key.id, self._masters.newest, fresh) if fresh else key)
            if changed:
                replace_file(folder / KEY, "".join(one.line() for one in keys))
            return changed, unknown

    def older(self, folder: Path) -> int:
        """Returns the number of the folder's keys that an earlier master key wrapped."""
        return sum(one.master != self._masters.newest for one in _keys_in(folder))

    def encrypt_older(self, folder: Path) -> int:
        """Encrypts the folder's unencrypted files, of an older release, and returns their number.

        Keeps the time of each file, by which its term ends. A file that is deleted meanwhile is left out.
        """
        paths = [path for path in folder.iterdir() if path.name != KEY and path.suffix != NEW and path.name[0] != "."]
        clear = [path for path in paths if not is_encrypted(path)]
        if not clear:
            return 0
        cipher, count = self.cipher(folder), 0
        for path in clear:
            with locked(folder), suppress(FileNotFoundError):
                facts, new = path.stat(), path.with_name(path.name + NEW)
                new.write_bytes(encrypted(path.read_bytes(), cipher, path.name))
                os.utime(new, ns=(facts.st_atime_ns, facts.st_mtime_ns))
                new.replace(path)
                count += 1
        return count


def rewrap_all(root: Path, keys: FolderKeys) -> tuple[int, int]:
    """Rewraps the keys of all folders below ``root``; returns the sums of what ``rewrap`` returns."""
    done = [keys.rewrap(folder) for folder in _folders(root)]
    return sum(changed for changed, _ in done), sum(unknown for _, unknown in done)


def count_older(root: Path, keys: FolderKeys) -> int:
    """Returns the number of keys below ``root`` that an earlier master key wrapped."""
    return sum(keys.older(folder) for folder in _folders(root))


def encrypt_all(root: Path, keys: FolderKeys) -> int:
    """Encrypts the unencrypted files of all folders below ``root`` and returns their number."""
    count = 0
    for folder in _folders(root):
        with suppress(FileNotFoundError):
            count += keys.encrypt_older(folder)
    return count


def forget_old_key(folder: Path, before: float) -> None:
    """Deletes the key of a folder that has no other file, if it was last used before ``before`` (s since 1970)."""
    with suppress(FileNotFoundError, NotADirectoryError), locked(folder):
        if os.listdir(folder) == [KEY] and (folder / KEY).stat().st_mtime < before:
            (folder / KEY).unlink()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder's lock, also against other processes. Raises FileNotFoundError if there is no such folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@cache
def own_masters() -> MasterKeys:
    """Returns the master key of this process alone, which ends with it."""
    return MasterKeys(secrets.token_urlsafe())


def _folders(root: Path) -> list[Path]:
    return [path for path in root.iterdir() if path.is_dir()] if root.is_dir() else []


def _keys_in(folder: Path) -> list[_Key]:
    try:
        lines = (folder / KEY).read_text("ascii").splitlines()
    except FileNotFoundError:
        return []
    keys = []
    for line in lines:
        try:
            keys.append(_Key.of(line))
        except ValueError:
            log.error("files: key unreadable", folder=folder.name)
    return keys
