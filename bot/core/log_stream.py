"""Writes a process's log without raising or blocking, so that a full or hung disk never stops the process."""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import os
import queue
import sys
import threading
from datetime import UTC, datetime

MAX_QUEUED_LINES = 5_000
CLOSE_TIMEOUT_S = 1.0


class LogStream(io.TextIOBase):
    """A text stream whose lines a background thread writes to the file descriptor ``descriptor``.

    It drops lines when the queue or the disk is full, and logs how many once the disk accepts writes again.
    """

    def __init__(self, descriptor: int, *, max_lines: int = MAX_QUEUED_LINES) -> None:
        self._descriptor = descriptor
        self._lines: queue.Queue[str | None] = queue.Queue(max_lines)
        self._dropped, self.dropped_in_all = 0, 0
        self._broken_line = False
        self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
        self._thread.start()

    def write(self, text: str) -> int:
        """Queues ``text`` and returns its length, even if the queue is full and ``text`` is dropped."""
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            self._drop()
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def finish(self) -> None:
        """Waits until the queued lines are written, at most about 2 * CLOSE_TIMEOUT_S seconds."""
        with contextlib.suppress(queue.Full):
            self._lines.put(None, timeout=CLOSE_TIMEOUT_S)
        self._thread.join(CLOSE_TIMEOUT_S)

    def _write_all(self) -> None:
        while (text := self._lines.get()) is not None:
            dropped, self._dropped = self._dropped, 0
            notice = _dropped_notice(dropped) if dropped else ""
            start = "\n" if self._broken_line else ""
            if not self._write(start + notice + text):
                self._dropped += dropped
                self._drop()

    def _drop(self) -> None:
        self._dropped += 1
        self.dropped_in_all += 1

    def _write(self, text: str) -> bool:
        """Writes ``text`` and returns whether all of it was written.

        After a partial write, the next write begins with a line break.
        """
        rest = text.encode("utf-8", "replace")
        try:
            while rest:
                written = os.write(self._descriptor, rest)
                self._broken_line = rest[written - 1 : written] != b"\n" if written else self._broken_line
                rest = rest[written:]
        except OSError:
            return False
        return True


def _dropped_notice(count: int) -> str:
    facts = {
        "event": "log: lines dropped",
        "count": count,
        "level": "warning",
        "timestamp": datetime.now(UTC).isoformat(),
    }
    return json.dumps(facts) + "\n"


def dropped_lines() -> int:
    """Returns how many lines this process's log has dropped; 0 if standard error is not a LogStream."""
    return sys.stderr.dropped_in_all if isinstance(sys.stderr, LogStream) else 0


def log_in_background() -> LogStream:
    """Replaces standard output and standard error with one LogStream, which it returns."""
    stream = LogStream(sys.stderr.fileno())
    sys.stdout = sys.stderr = stream
    atexit.register(stream.finish)
    return stream
