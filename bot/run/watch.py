"""Probes each running part and bounds its log, in threads: both take long if a part or a disk hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from bot.core.logs import log
from bot.run.log_files import bound_log
from bot.run.part import Running

ASK_EVERY_S = 2.0
LOGS_EVERY_S = 5.0


class Watch:
    """Threads that count the consecutive failed probes of each part; the launcher's main thread does the restarts.

    One more thread limits the size of the parts' logs.
    """

    def __init__(self, parts: Iterable[Running]) -> None:
        self._parts = tuple(parts)
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(part,), daemon=True) for part in self._parts]
        self._threads.append(threading.Thread(target=self._bound_logs, daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._ended.set()

    def _ask(self, running: Running) -> None:
        alive = running.part.alive
        while alive is not None and not self._ended.wait(ASK_EVERY_S):
            process = running.process
            answered = _answers(alive, running.part.name)
            if running.process is process:  # not restarted meanwhile
                running.misses = 0 if answered else running.misses + 1

    def _bound_logs(self) -> None:
        while not self._ended.wait(LOGS_EVERY_S):
            for running in self._parts:
                bound_log(running.part.log)


def _answers(alive: Callable[[], bool], part: str) -> bool:
    """Returns the result of a probe; False if it raises, since its thread must go on."""
    try:
        return alive()
    except Exception as error:
        log.warning("watch: probe failed", part=part, error=type(error).__name__)
        return False
