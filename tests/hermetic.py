"""Confines a test: in a ``hermetic`` block, it reaches only this machine, writes only temporary files and caches, and
does not read ``.ventanilla``.

Python's audit events enforce this, also for libraries and fixtures, but not for child processes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parent.parent
STATE = str(ROOT / ".ventanilla")
LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0", "::ffff:127.")  # noqa: S104
WRITABLE = (tempfile.gettempdir(), "/dev/")
CACHES = {"__pycache__", ".hypothesis", ".pytest_cache"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

# Violations of each open ``hermetic`` block, innermost last.
_broken: list[list[str]] = []


class NotHermetic(AssertionError):
    """Raised if a test does what a ``hermetic`` block forbids."""


@contextmanager
def hermetic() -> Iterator[list[str]]:
    """Makes outside access raise NotHermetic; also yields a list of violations, because code may swallow the error."""
    if _audited not in _installed:
        sys.addaudithook(_audited)
        _installed.append(_audited)
    _broken.append([])
    try:
        yield _broken[-1]
    finally:
        _broken.pop()


_installed: list[Callable[..., None]] = []


def _audited(event: str, arguments: tuple[Any, ...]) -> None:
    if not _broken or event not in RULES:
        return
    if problem := RULES[event](*arguments):
        _broken[-1].append(f"{event} {problem}")
        raise NotHermetic(f"{event} {problem}")


def _reaches_out(address: Any) -> str:
    host = address[0] if isinstance(address, tuple) else ""  # a Unix socket's address is a path
    return "" if not host or str(host).startswith(LOOPBACK) else str(host)


def _named(host: Any) -> str:
    name = host.decode() if isinstance(host, bytes) else host
    return _reaches_out((name,))


def _opened(path: Any, _mode: Any, flags: Any) -> str:
    return "" if isinstance(path, int) else _written(path) if (flags or 0) & WRITING else _read(path)


def _read(path: Any) -> str:
    absolute = _absolute(path)
    return absolute if absolute.startswith(STATE) else ""


def _written(path: Any, folder: int = -1) -> str:
    if folder != -1 or path == ":memory:":  # relative to an open folder, which was allowed
        return ""
    absolute = _absolute(path)
    temporary = absolute.startswith(WRITABLE) and not absolute.startswith(f"{ROOT}{os.sep}")  # a clone may be there
    allowed = temporary or not CACHES.isdisjoint(Path(absolute).parts)
    return "" if allowed else absolute


def _absolute(path: Any) -> str:
    return os.path.abspath(os.fsdecode(path))


RULES: dict[str, Callable[..., str]] = {
    "socket.connect": lambda _socket, address: _reaches_out(address),
    "socket.sendto": lambda _socket, address: _reaches_out(address),
    "socket.getaddrinfo": lambda host, *_: _named(host),
    "socket.gethostbyname": lambda host: _named(host),
    "open": _opened,
    "sqlite3.connect": lambda path: _written(unquote(urlsplit(path).path) if str(path).startswith("file:") else path),
    "os.mkdir": lambda path, _mode, folder: _written(path, folder),
    "os.remove": lambda path, folder: _written(path, folder),
    "os.rmdir": lambda path, folder: _written(path, folder),
    "os.rename": lambda _old, new, _from, to: _written(new, to),
    "os.symlink": lambda _target, path, folder: _written(path, folder),
}
