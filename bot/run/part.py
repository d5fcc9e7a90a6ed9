"""Starts, checks and stops a part of the running system, that is, one process."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.errors.launcher import PartFailed
from bot.core.process import spawn

LOOK_EVERY_S = 0.05
STOP_PATIENCE_S = 8.0
HUNG_AFTER_MISSES = 8  # about a minute if every probe times out; a slow but working part answers before that
MAX_DOUBLINGS = 4


@dataclass(frozen=True)
class Part:
    """A process that the launcher keeps alive; on Linux it receives ``death_signal`` if the launcher dies.

    ``healthy`` returns whether the process is ready for use. A process that is not ready within ``patience_s`` seconds
    counts as failed.
    """

    name: str
    command: list[str]
    log: Path
    healthy: Callable[[], bool]
    alive: Callable[[], bool] | None = None  # polled while the process runs, to detect a hang; None: not polled
    env: Mapping[str, str] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    unprivileged: bool = False
    patience_s: float = 30.0
    before_start: Callable[[], None] | None = None  # called before each start


@dataclass
class Running:
    """A part whose process has been started."""

    part: Part
    process: subprocess.Popen[bytes] = field(init=False)
    started_at: float = field(init=False)
    misses: int = 0  # consecutive calls of ``alive`` that returned False, counted by Watch
    hung_starts: int = 0  # consecutive processes that hung soon after they had had time to start

    def __post_init__(self) -> None:
        self.started_at = time.monotonic()
        self.restart()

    def restart(self) -> None:
        now = time.monotonic()
        hung_soon = self.misses >= HUNG_AFTER_MISSES and now - self.started_at < 2 * self._may_start_s
        self.hung_starts = self.hung_starts + 1 if hung_soon else 0
        self.started_at, self.misses = now, 0
        if self.part.before_start:
            self.part.before_start()
        self.process = spawn(
            self.part.command,
            log=self.part.log,
            env=self.part.env,
            death_signal=self.part.death_signal,
            unprivileged=self.part.unprivileged,
        )

    @property
    def dead(self) -> bool:
        return self.process.poll() is not None

    @property
    def hung(self) -> bool:
        """Returns whether the process runs and has had time to start, but its last HUNG_AFTER_MISSES probes failed.

        The time to start doubles, at most MAX_DOUBLINGS times, with each process that hangs soon after it. Otherwise,
        on a machine too busy to start it in time, a part would be killed again and again and never run.
        """
        starting = time.monotonic() - self.started_at <= self._may_start_s
        return not self.dead and not starting and self.misses >= HUNG_AFTER_MISSES

    @property
    def _may_start_s(self) -> float:
        return float(self.part.patience_s * 2 ** min(self.hung_starts, MAX_DOUBLINGS))

    def wait_healthy(self) -> None:
        """Blocks until the part is healthy. Raises PartFailed if its process ends, or after ``patience_s`` seconds.

        The time limit counts from this call, not from the start of the process: waiting for another part may have taken
        longer.
        """
        asked_at = time.monotonic()
        while not self.part.healthy():
            late = time.monotonic() - asked_at > self.part.patience_s
            if self.dead or late:
                raise PartFailed(part=self.part.name, log=str(self.part.log), exit=self.process.returncode)
            time.sleep(LOOK_EVERY_S)

    def ask_to_stop(self) -> None:
        if not self.dead:
            self.process.send_signal(self.part.stop_signal)

    def stop(self) -> None:
        """Sends the stop signal and waits; kills the process if it still runs after STOP_PATIENCE_S seconds."""
        self.ask_to_stop()
        try:
            self.process.wait(STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
