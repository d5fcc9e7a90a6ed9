"""Picks free ports and tests whether a port is in use."""

from __future__ import annotations

import contextlib
import errno
import secrets
import socket

from bot.core.errors.launcher import CannotListen, PortBusy

LOOPBACK = "127.0.0.1"
# Below the range for outgoing connections, so that none of them takes a port before we listen on it.
UNUSED_PORTS = range(20_000, 32_768)


def free_port() -> int:
    """Picks a loopback port on which nothing listens, and reserves it until this process ends."""
    while True:
        port = secrets.choice(UNUSED_PORTS)
        with contextlib.suppress(PortBusy):
            require_free(LOOPBACK, port)
            _reserve(port)
            return port


def _reserve(port: int) -> None:
    """Reserves a port among all processes that call ``free_port``. Raises PortBusy if another one has reserved it."""
    # The UDP port of the same number is the reservation, since no server of ours uses UDP: only one process on the
    # machine can bind it, and the system releases it when that process ends, however it ends.
    with socket.socket(type=socket.SOCK_DGRAM) as reservation:
        try:
            reservation.bind((LOOPBACK, port))
        except OSError as error:
            raise PortBusy(port=port) from error
        reservation.detach()  # the socket stays open until the process ends


def require_free(host: str, port: int) -> None:
    """Raises PortBusy if something already listens on ``host:port``, and CannotListen if this process may not."""
    is_ipv6 = ":" in host
    try:
        with socket.socket(socket.AF_INET6 if is_ipv6 else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if is_ipv6:  # as uvicorn does; otherwise ``::`` would need the IPv4 port, too
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind((host, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortBusy(port=port) from error
        raise CannotListen(host=host, port=port, problema=error.strerror) from error


def listening(port: int) -> bool:
    """Returns whether something accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0


def reachable(host: str) -> str:
    """Returns the host for a URL by which this machine reaches a server that listens on ``host``.

    An IPv6 address is in brackets.
    """
    if ":" in host:
        return "[::1]" if host == "::" else f"[{host}]"
    return LOOPBACK if host == "0.0.0.0" else host  # noqa: S104
