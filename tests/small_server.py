"""Serves HTTP from a thread, for programs under test that call a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from bot.run.ports import LOOPBACK

SOON_S = 0.01  # after which the server notices that it should stop; by default half a second


class Quiet(BaseHTTPRequestHandler):
    """Handles requests without logging them."""

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(handler: type[Quiet]) -> Iterator[str]:
    """Answers requests with ``handler`` during the block; yields the server's URL."""
    with HTTPServer((LOOPBACK, 0), handler) as http:
        Thread(target=http.serve_forever, args=[SOON_S], daemon=True).start()
        try:
            yield f"http://{LOOPBACK}:{http.server_port}"
        finally:
            http.shutdown()
