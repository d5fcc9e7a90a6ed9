"""Checks one address for Docker, and ends a process that hangs, which Docker itself would leave alone.

``healthcheck.py URL`` exits with 0 if the URL answers 200. After MISSES failures in a row of a service that has
answered before, it kills the container's processes; the restart policy starts them again. Needs only the standard
library, and of it only modules that load fast, since it runs every 20 seconds in each container.
"""

from __future__ import annotations

import os
import signal
import socket
import sys

TIMEOUT_S = 5.0
MISSES = 4  # more than a minute, with an interval of 20 s
INIT = "1"  # the container's init, which ends when its child does
NOTE = "/tmp/health-misses"  # noqa: S108  (a tmpfs of the container, which no other user shares)


def answers(url: str) -> bool:
    """Returns whether the URL, ``http://HOST:PORT/PATH``, answers 200 within TIMEOUT_S."""
    place, _, path = url.removeprefix("http://").partition("/")
    host, _, port = place.partition(":")
    request = f"GET /{path} HTTP/1.0\r\nHost: {place}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((host, int(port)), TIMEOUT_S) as connection:
            connection.sendall(request.encode())
            with connection.makefile("rb") as answer:
                return answer.readline(64).split()[1:2] == [b"200"]
    except OSError:
        return False


def missed(note: str, well: bool) -> int:
    """Returns the failures since the last success, which it keeps in ``note``; 0 before the first success."""
    if not well and not os.path.exists(note):
        return 0
    with open(note, "a+", encoding="ascii") as file:
        file.seek(0)
        count = 0 if well else int(file.read() or 0) + 1
        file.truncate(0)
        file.write(str(count))
    return count


def children_of_init(processes: str = "/proc") -> list[int]:
    """Returns the ids of the processes that the container's init started."""
    found = []
    for name in filter(str.isdecimal, os.listdir(processes)):
        try:
            with open(f"{processes}/{name}/stat", encoding="utf-8", errors="replace") as stat:
                parent = stat.read().rsplit(")", 1)[1].split()[1]
        except OSError:  # it has ended
            continue
        found += [int(name)] if parent == INIT else []
    return found


def main(url: str) -> int:
    well = answers(url)
    if missed(NOTE, well) >= MISSES:
        for process in children_of_init():
            os.kill(process, signal.SIGKILL)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
