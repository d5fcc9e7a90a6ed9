"""Serves HTTP from a thread, for programs that ask a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from bot.run.ports import LOOPBACK


class Quiet(BaseHTTPRequestHandler):
    """A handler that logs nothing."""

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(handler: type[Quiet]) -> Iterator[str]:
    """Answers requests with ``handler`` during the block; yields the server's URL (context manager)."""
    with HTTPServer((LOOPBACK, 0), handler) as http:
        Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://{LOOPBACK}:{http.server_port}"
        http.shutdown()
