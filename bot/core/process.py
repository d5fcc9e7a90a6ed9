"""Starts one child process that cannot outlive its parent; called by bot/run/parts.py, from the main thread only.

The kernel sends the death signal when the *thread* that forked ends, hence the main thread (Linux only; elsewhere the
supervisor's own clean-up is all there is).
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
UNPRIVILEGED_USER_ID = 1  # initdb wants an id that /etc/passwd names; "daemon" is 1 everywhere
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(
    command: list[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    unprivileged: bool = False,
) -> subprocess.Popen[bytes]:
    """Starts ``command`` in its own session, output appended to ``log``; it gets ``death_signal`` when we die.

    ``unprivileged`` gives a root caller's child an ordinary user's identity (PostgreSQL refuses to run as root): a user
    namespace in which root's files are the child's own, so no folder's permissions change. Raises OSError.
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
    """Asks the kernel to signal this process when its parent ends."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, death_signal)


def drop_root() -> None:
    """Maps this process, now root, to an ordinary user inside a user namespace of its own. Raises OSError."""
    uid, gid = os.geteuid(), os.getegid()
    if _LIBC is None or _LIBC.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{UNPRIVILEGED_USER_ID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{UNPRIVILEGED_USER_ID} {gid} 1")


def _prepare(death_signal: signal.Signals, *, unprivileged: bool) -> Callable[[], None]:
    def prepare() -> None:
        if unprivileged:
            drop_root()
        die_with_parent(death_signal)

    return prepare
