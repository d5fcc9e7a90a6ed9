"""Free and busy ports on the loopback address."""

from __future__ import annotations

import contextlib
import secrets
import socket

from bot.core.errors import PortBusy

LOOPBACK = "127.0.0.1"
UNUSED_PORTS = range(20_000, 32_768)
"""Below those that systems give to outgoing connections, which could take one before we listen on it."""


def free_port() -> int:
    """A port that nobody listens on right now."""
    while True:
        port = secrets.choice(UNUSED_PORTS)
        with contextlib.suppress(PortBusy):
            require_free(LOOPBACK, port)
            return port


def require_free(host: str, port: int) -> None:
    """Raises PortBusy when something already listens on ``host:port``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortBusy(port=port) from error


def listening(port: int) -> bool:
    """True when something accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0


def reachable(host: str) -> str:
    """The address to knock at for a server that listens on ``host``."""
    return LOOPBACK if host in {"0.0.0.0", "::"} else host  # noqa: S104
