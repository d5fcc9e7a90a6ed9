"""Speeds up the loading of a process, ties children to it, drops root, frees memory and raises the limit of files.

On Linux, the kernel sends the death signal when the *thread* that forked ends, so call ``spawn`` from the main thread
only. On other systems, the children end only if the launcher stops them.
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.core.texts import say

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
UNPRIVILEGED_USER_ID = 1  # initdb needs an id that is listed in /etc/passwd; "daemon" is 1 everywhere
WANTED_FILES = 65_536
FEW_FILES = 4_096
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@contextmanager
def loading() -> Iterator[None]:
    """Turns the garbage collector off while a process loads its code (context manager).

    Objects that exist at the end are excluded from later collections (``gc.freeze``): they live on anyway, and scanning
    them takes a third of a second.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def release_memory() -> None:
    """Collects garbage and returns free memory to the system, after work that needed much of it for a moment.

    Without this, the action server grows by 50 MB with each published answer, up to twice its size. Takes about 0.1 s.
    """
    gc.collect()
    if _LIBC is not None and hasattr(_LIBC, "malloc_trim"):  # glibc has it, musl does not
        _LIBC.malloc_trim(0)


def spawn(
    command: list[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    unprivileged: bool = False,
) -> subprocess.Popen[bytes]:
    """Starts ``command`` in a new session and appends its output to ``log``.

    The child's environment is ``env``, or this process's environment if that is None. The child receives
    ``death_signal`` when this process ends. With ``unprivileged``, the child of a root process runs as an ordinary
    user, since PostgreSQL refuses to run as root. In the child's user namespace, root's files belong to that user, so
    no file permissions change.

    Raises OSError. A child that cannot drop root writes the reason to ``log`` and exits with code 1.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603  (commands are our own)
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(os.environ if env is None else env),
            start_new_session=True,
            preexec_fn=_prepare(death_signal, unprivileged=unprivileged and os.geteuid() == 0),
        )


def die_with_parent(death_signal: signal.Signals) -> None:
    """Asks the kernel to send ``death_signal`` to this process when its parent ends; does nothing except on Linux."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, death_signal)


def drop_root() -> None:
    """Maps this process, which runs as root, to an ordinary user in a new user namespace. Raises OSError."""
    uid, gid = os.geteuid(), os.getegid()
    if _LIBC is None or _LIBC.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), f"unshare: {os.strerror(ctypes.get_errno())}")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{UNPRIVILEGED_USER_ID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{UNPRIVILEGED_USER_ID} {gid} 1")


def _prepare(death_signal: signal.Signals, *, unprivileged: bool) -> Callable[[], None]:
    reason = say("cli.run.sin_otro_usuario") if unprivileged else ""  # read here: the child only writes it

    def prepare() -> None:
        if unprivileged:
            try:
                drop_root()
            except OSError as error:  # raised here, it would end the launcher as a SubprocessError without a reason
                os.write(2, f"{reason} ({error})\n".encode())
                os._exit(1)
        die_with_parent(death_signal)

    return prepare


def raise_open_files() -> int:
    """Raises the file limit of this process and its future children, up to WANTED_FILES.

    Returns the resulting limit; WANTED_FILES if there is none. Each socket counts as an open file.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    wanted = WANTED_FILES if hard == unlimited else min(WANTED_FILES, hard)
    if soft != unlimited and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return WANTED_FILES if soft == unlimited else soft
