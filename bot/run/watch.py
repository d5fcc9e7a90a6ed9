"""Probes each running part in a separate thread, since probing a hung part takes long."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from bot.run.part import Running

ASK_EVERY_S = 2.0


class Watch:
    """Threads that count the consecutive failed probes of each part; the launcher's main thread does the restarts."""

    def __init__(self, parts: Iterable[Running]) -> None:
        self._parts = tuple(parts)
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(part,), daemon=True) for part in self._parts]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._ended.set()

    def _ask(self, running: Running) -> None:
        alive = running.part.alive
        while alive is not None and not self._ended.wait(ASK_EVERY_S):
            process = running.process
            answered = alive()
            if running.process is process:  # not restarted meanwhile
                running.misses = 0 if answered else running.misses + 1
