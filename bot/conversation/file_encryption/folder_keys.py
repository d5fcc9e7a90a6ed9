"""Creates, reads and rewraps folder keys; a folder's key lies in the folder, wrapped by a master key.

Folder keys are not in PostgreSQL, so that a citizen can send a file while PostgreSQL is unavailable. Deleting the
folder deletes the key. Every write or deletion in a folder holds the folder's lock, except when `forget_older` removes
empty folders.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from bot.conversation.file_encryption.encrypted_file import Ciphers
from bot.core.disk import replace_file, write_synced
from bot.core.logs import log
from bot.core.secrets.encryption import ConversationCipher, MasterKeys

NO_HARD_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})
KEY = "folder.key"  # a line for each key: its id, its master key's id, and the wrapped key in Base64


@dataclass(frozen=True)
class _Key:
    """A line of the key file."""

    id: str
    master: str
    wrapped: bytes

    @classmethod
    def of(cls, line: bytes) -> _Key:
        """Parses a line. Raises ValueError if the line is damaged."""
        id, master, wrapped = line.decode("ascii").split()
        return cls(id, master, b64decode(wrapped, validate=True))

    def line(self) -> bytes:
        return f"{self.id} {self.master} {b64encode(self.wrapped).decode()}".encode()


class FolderKeys:
    """The keys of folders; ``masters`` wrap them. Methods block the thread and may raise OSError."""

    def __init__(self, masters: MasterKeys) -> None:
        self._masters = masters

    def ciphers(self, folder: Path) -> Ciphers:
        """Returns the ciphers of the folder's keys that can be unwrapped, by id."""
        found = ((key, self._masters.unwrap(folder.name, key.id, key.master, key.wrapped)) for key in _keys_in(folder))
        return {key.id: cipher for key, cipher in found if cipher}

    @contextmanager
    def writing(self, folder: Path) -> Iterator[ConversationCipher]:
        """Holds the lock of an existing folder and yields the cipher for its new files (context manager).

        Makes the key if there is none. Raises FileNotFoundError if the folder is deleted meanwhile.
        """
        with locked(folder):
            yield self.cipher(folder)

    def cipher(self, folder: Path) -> ConversationCipher:
        """Returns the cipher for new files of a folder whose lock the caller holds; makes its key if there is none.

        If no key can be unwrapped, adds a second key.
        """
        existed = (folder / KEY).exists()  # read first, since another machine may create the key meanwhile
        if known := self.ciphers(folder):
            os.utime(folder / KEY)  # updates its time, so that `forget_old_key` keeps the key
            return next(iter(known.values()))
        cipher, wrapped = self._masters.new_key(folder.name)
        fresh = _Key(cipher.id, self._masters.newest, wrapped).line()
        if existed:
            _replace(folder, [*_lines_in(folder), fresh])
        elif not _create(folder, fresh):
            return self.cipher(folder)
        return cipher

    def rewrap(self, folder: Path) -> tuple[int, int]:
        """Wraps the folder's keys with the newest master key; keeps a damaged line as it is.

        Returns the numbers of keys that changed, and of keys whose master key is unknown.
        """
        with locked(folder):
            changed, unknown, lines = 0, 0, []
            for line in _lines_in(folder):
                key, fresh = _parsed(line, folder), None
                if key and key.master != self._masters.newest:
                    fresh = self._masters.rewrap(folder.name, key.id, key.master, key.wrapped)
                    changed, unknown = changed + (fresh is not None), unknown + (fresh is None)
                lines.append(_Key(key.id, self._masters.newest, fresh).line() if key and fresh else line)
            if changed:
                _replace(folder, lines)
            return changed, unknown

    def older(self, folder: Path) -> int:
        """Returns the number of the folder's keys that an earlier master key wrapped."""
        return sum(one.master != self._masters.newest for one in _keys_in(folder))


def rewrap_all(root: Path, keys: FolderKeys) -> tuple[int, int]:
    """Rewraps the keys of all folders below ``root``; returns the sums of what ``rewrap`` returns.

    A folder whose key cannot be read or written is logged and counts as a key whose master key is unknown.
    """
    changed = unknown = 0
    for folder in folders_in(root):
        try:
            more, others = keys.rewrap(folder)
        except FileNotFoundError:  # deleted meanwhile
            continue
        except OSError as error:
            log.error("files: key not rewrapped", folder=folder.name, error=type(error).__name__)
            more, others = 0, 1
        changed, unknown = changed + more, unknown + others
    return changed, unknown


def count_older(root: Path, keys: FolderKeys) -> int:
    """Returns the number of keys below ``root`` that an earlier master key wrapped."""
    return sum(keys.older(folder) for folder in folders_in(root))


def forget_old_key(folder: Path, before: float) -> None:
    """Deletes the key of a folder that has no other file, if it was last used before ``before`` (s since 1970)."""
    with suppress(FileNotFoundError, NotADirectoryError), locked(folder):
        if os.listdir(folder) == [KEY] and (folder / KEY).stat().st_mtime < before:
            (folder / KEY).unlink()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Locks the folder, even against other processes, during the block. Raises FileNotFoundError if there is none."""
    while True:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(handle), os.stat(folder)):  # else deleted, and made again, meanwhile
                yield
                return
        finally:
            os.close(handle)


@cache
def own_masters() -> MasterKeys:
    """Returns a master key that exists only in this process: files encrypted with it are lost when the process ends."""
    return MasterKeys(secrets.token_urlsafe())


def folders_in(root: Path) -> list[Path]:
    """Returns the folders directly below ``root``; [] if ``root`` does not exist."""
    return [path for path in root.iterdir() if path.is_dir()] if root.is_dir() else []


def _create(folder: Path, line: bytes) -> bool:
    """Creates the key file; returns False if it exists, since another machine may have created it despite the lock.

    A hard link puts the whole file there in one step. File systems without hard links are exFAT and some network
    shares. There the file is created and then written, which is safe as long as the folder's lock works, as it does on
    one machine.
    """
    with NamedTemporaryFile(dir=folder, prefix=".") as fresh:
        fresh.write(line + b"\n")
        fresh.flush()
        os.fsync(fresh.fileno())
        try:
            os.link(fresh.name, folder / KEY)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
            return _create_in_place(folder / KEY, line)
        return True


def _create_in_place(path: Path, line: bytes) -> bool:
    try:
        write_synced(path, line + b"\n", "xb")
    except FileExistsError:
        return False
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return True


def _replace(folder: Path, lines: list[bytes]) -> None:
    replace_file(folder / KEY, b"".join(line + b"\n" for line in lines))


def _lines_in(folder: Path) -> list[bytes]:
    try:
        content = (folder / KEY).read_bytes()
    except FileNotFoundError:
        return []
    return [line for line in content.split(b"\n") if line.strip()]


def _parsed(line: bytes, folder: Path) -> _Key | None:
    try:
        return _Key.of(line)
    except ValueError:
        log.error("files: key unreadable", folder=folder.name)
        return None


def _keys_in(folder: Path) -> list[_Key]:
    return [key for line in _lines_in(folder) if (key := _parsed(line, folder))]
