"""Encrypts and decrypts streams in the age format, and generates keys.

pyrage copies one file object to another in a blocking call, so it runs in a thread, and a pipe connects the two.
"""

from __future__ import annotations

import os
import tarfile
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import pyrage

from bot.backup.errors import BackupDamaged, KeyExists, KeyUnreadable, KeyWrong, RecipientInvalid

Identity: TypeAlias = Any  # pyrage has no types
Recipient: TypeAlias = Any
PIPE_BYTES = 64 * 1024
NO_MATCH = "No matching keys found"
# Errors that a reader raises if a file ends early or is not an archive.
UNREADABLE = (EOFError, OSError, zlib.error, tarfile.TarError)


def new_key(path: Path) -> str:
    """Writes a new private key to ``path`` (mode 0600) and returns its public key.

    Raises KeyExists if ``path`` exists.
    """
    key = pyrage.x25519.Identity.generate()
    public = str(key.to_public())
    lines = [f"# created: {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", f"# public key: {public}", str(key)]
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyExists(archivo=path) from None
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return public


def recipients_of(keys: Sequence[str]) -> list[Recipient]:
    """Parses public keys (``age1...``). Raises RecipientInvalid."""
    return [_recipient(key) for key in keys]


def identities_of(path: Path) -> list[Identity]:
    """Reads the private keys in a file of age-keygen's format. Raises KeyUnreadable."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeError, pyrage.IdentityError):
        raise KeyUnreadable(archivo=path) from None  # the original message could show part of the key
    if not found:
        raise KeyUnreadable(archivo=path)
    return found


@contextmanager
def encrypting(file: BinaryIO, recipients: Sequence[Recipient]) -> Iterator[BinaryIO]:
    """Yields a file object; everything written to it is encrypted into ``file`` (context manager).

    Raises the errors of writing to ``file``, at the latest at the end of the block.
    """
    read_end, write_end = os.pipe()
    target = _Remembering(file)
    worker = _Worker(lambda: _copy_encrypted(read_end, target, recipients))
    worker.start()
    try:
        with os.fdopen(write_end, "wb", PIPE_BYTES) as pipe:
            yield pipe
    except Exception as error:
        worker.join()
        if cause := target.error or worker.error:  # the root cause: this error closed the pipe
            raise cause from error
        raise
    finally:
        worker.join()
    if cause := target.error or worker.error:
        raise cause


@contextmanager
def decrypting(path: Path, identities: Sequence[Identity]) -> Iterator[BinaryIO]:
    """Yields the decrypted content of a file (context manager). Raises KeyWrong, BackupDamaged or OSError.

    An error may be raised only at the end of the block. age marks the last chunk, so truncation is always detected.
    """
    read_end, write_end = os.pipe()
    with path.open("rb") as file:
        worker = _Worker(lambda: _copy_decrypted(file, write_end, identities))
        worker.start()
        try:
            with os.fdopen(read_end, "rb", PIPE_BYTES) as pipe:
                yield pipe
                while pipe.read(PIPE_BYTES):
                    pass
        except Exception as error:
            worker.join()
            if worker.error or _is_no_archive(error):
                raise _explained(worker.error, path) from error
            raise
        finally:
            worker.join()
    if worker.error:
        raise _explained(worker.error, path)


def _is_no_archive(error: Exception) -> bool:
    """Returns whether a gzip or tar reader raised ``error`` because of its input; system errors have an errno."""
    return isinstance(error, UNREADABLE) and not (isinstance(error, OSError) and error.errno)


def _copy_encrypted(read_end: int, target: _Remembering, recipients: Sequence[Recipient]) -> None:
    with os.fdopen(read_end, "rb", PIPE_BYTES) as source:
        pyrage.encrypt_io(source, target, recipients)


def _copy_decrypted(file: BinaryIO, write_end: int, identities: Sequence[Identity]) -> None:
    with os.fdopen(write_end, "wb", PIPE_BYTES) as pipe, suppress(BrokenPipeError):
        pyrage.decrypt_io(file, pipe, identities)


def _explained(error: Exception | None, path: Path) -> Exception:
    return KeyWrong(archivo=path) if NO_MATCH in str(error) else BackupDamaged(archivo=path, detalle=error or "")


def _recipient(key: str) -> Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError as error:
        raise RecipientInvalid(llave=key) from error


class _Worker(threading.Thread):
    """A thread that stores the exception of its function in ``error``.

    BrokenPipeError is ignored: the error that closed the pipe is known at the pipe's other end.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self._work()
        except BrokenPipeError:
            pass
        except Exception as error:
            self.error = error


class _Remembering:
    """A file object that stores the OSError of a failed write, since pyrage raises an error of its own instead."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: OSError | None = None

    def write(self, content: bytes) -> int:
        try:
            return self._file.write(content)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self._file.flush()
