"""Restricts the processes of Rasa and of the action server to the files and ports that they need.

Any user may do so on Linux with Landlock: kernel 5.13, and 6.7 to restrict the network. Once confined, Rasa reads only
its libraries, its model and its configuration, writes only temporary files, connects over TCP only to the ports of the
action server and the tracker database, listens only on its own port, and can neither signal nor inspect other
processes. actions/serving.py lists what the action server may do. Landlock restricts neither addresses nor UDP. This
file imports nothing from this project, since the project is not installed in Rasa's environment.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # numbers of the system calls, equal on all processors
ASK_VERSION = 1
RULE_PATH, RULE_PORT = 1, 2
PR_SET_NO_NEW_PRIVS = 38
EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
ALL_FILES = (1 << 13) - 1  # every access of version 1
LINK = 1 << 12  # to make a symbolic link, which a later start would follow
REFER, TRUNCATE = 1 << 13, 1 << 14  # accesses that versions 2 and 3 added
READ = EXECUTE | READ_FILE | READ_FOLDER
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE  # what can be allowed for a file, not a folder
BIND, CONNECT = 1 << 0, 1 << 1
SCOPES = 0b11  # since version 6: no abstract sockets of other processes, no signals to them
VERSIONS = {"files": 1, "ports": 4, "signals": 6}
PROC = tuple(f"/proc/{name}" for name in ("self", "cpuinfo", "meminfo", "stat", "sys/kernel"))  # of this process only
RESOLVER = "/run/systemd/resolve"  # where /etc/resolv.conf often points to
SYSTEM = ("/usr", "/lib", "/lib64", "/etc", RESOLVER, *PROC, "/sys/devices/system/cpu", "/sys/fs/cgroup")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/dev/shm")  # noqa: S108  (semaphores)
PORTS_OF_SCHEME = {"http": 80, "https": 443}
POSTGRES_PORT, RASA_PORT = 5432, 5005
FILES_OF_RUN = ("--endpoints", "--credentials", "--model")
TLS_FILES = ("PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY")  # of the connection to the tracker database


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("ports", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("folder", ctypes.c_int32))


class _PortRule(ctypes.Structure):
    _fields_ = (("access", ctypes.c_uint64), ("port", ctypes.c_uint64))


def version() -> int:
    """Returns the kernel's version of Landlock; 0 if it has none, or if Landlock is disabled."""
    if sys.platform != "linux":
        return 0
    return max(0, int(ctypes.CDLL(None).syscall(CREATE_RULESET, None, 0, ASK_VERSION)))


def confine_run(arguments: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """Restricts this process, which is about to run ``rasa run`` with these arguments; this cannot be undone.

    Returns the names of the restrictions (of VERSIONS) in effect; [] without Landlock. Raises OSError.
    """
    named = dict(pairwise(arguments))
    certificates = [environment[name] for name in TLS_FILES if name in environment]
    ports = {_port(environment.get("ACTIONS_URL", "")), int(environment.get("RASA_DB_PORT") or POSTGRES_PORT)}
    return confine(
        reads=[
            *SYSTEM,
            *sys.path,
            sys.prefix,
            sys.base_prefix,
            *certificates,
            *(named[one] for one in FILES_OF_RUN if one in named),
        ],
        writes=[*DEVICES, tempfile.gettempdir()],
        listens=[int(named.get("-p") or RASA_PORT)],
        connects=ports - {0},
    )


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or PORTS_OF_SCHEME.get(parts.scheme, 0)


def confine(
    *,
    reads: Iterable[str],
    writes: Iterable[str],
    listens: Iterable[int],
    connects: Iterable[int],
    lists: Iterable[str] = (),
) -> list[str]:
    """Restricts this thread, and its later threads and child processes, to these files, folders and TCP ports.

    Ignores paths that are missing or that this user may not reach. In the folders ``writes`` it may do everything but
    execute and make symbolic links; of the folders ``lists``, it may read the names of files. Other threads that
    already run are not restricted. Returns the names of the restrictions (of VERSIONS) in effect; [] without Landlock.
    Raises OSError.
    """
    has = version()
    if not has:
        return []
    files = ALL_FILES | (REFER if has >= 2 else 0) | (TRUNCATE if has >= 3 else 0)
    of_ports = BIND | CONNECT if has >= VERSIONS["ports"] else 0
    scopes = SCOPES if has >= VERSIONS["signals"] else 0
    size = ctypes.sizeof(ctypes.c_uint64) * (1 + (of_ports > 0) + (scopes > 0))  # as the kernel's version knows it
    ruleset = _call(CREATE_RULESET, ctypes.byref(_Ruleset(files, of_ports, scopes)), size, 0)
    for paths, access in ((reads, READ), (writes, files & ~(EXECUTE | LINK)), (lists, READ_FOLDER)):
        for path in {Path(one).resolve() for one in paths if one}:
            _allow_path(ruleset, path, access)
    for allowed, access in ((listens, BIND), (connects, CONNECT)) if of_ports else ():
        for port in allowed:
            _call(ADD_RULE, ruleset, RULE_PORT, ctypes.byref(_PortRule(access, port)), 0)
    _check(ctypes.CDLL(None, use_errno=True).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return [name for name, since in VERSIONS.items() if has >= since]


def _allow_path(ruleset: int, path: Path, access: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        rule = _PathRule(access if stat.S_ISDIR(os.fstat(opened).st_mode) else access & OF_FILES, opened)
        _call(ADD_RULE, ruleset, RULE_PATH, ctypes.byref(rule), 0)
    finally:
        os.close(opened)


def _call(number: int, *arguments: object) -> int:
    return _check(ctypes.CDLL(None, use_errno=True).syscall(number, *arguments))


def _check(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), f"landlock: {os.strerror(ctypes.get_errno())}")
    return result
