"""Tests drawing free ports in several processes at once, and the addresses of servers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.core.errors.launcher import CannotListen, PortBusy
from bot.core.terminal import worded
from bot.run import ports

DRAWS = "from bot.run.ports import free_port; print(free_port(), flush=True); input()"


@contextlib.contextmanager
def drawn_elsewhere() -> Iterator[int]:
    """Yields a port that another process drew; that process runs until the end of the block."""
    with subprocess.Popen([sys.executable, "-c", DRAWS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def test_port_that_a_running_process_drew_is_drawn_by_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    with drawn_elsewhere() as given_back:
        pass
    with drawn_elsewhere() as theirs:
        monkeypatch.setattr(ports, "UNUSED_PORTS", [*[theirs] * 99, given_back])
        assert ports.free_port() == given_back


def test_port_is_drawn_once_by_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    with drawn_elsewhere() as one, drawn_elsewhere() as other:
        pass
    monkeypatch.setattr(ports, "UNUSED_PORTS", [*[one] * 99, other])
    assert {ports.free_port(), ports.free_port()} == {one, other}


async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize(
    ("host", "url_host"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]"), ("::", "[::1]")],  # noqa: S104
)
async def test_server_is_reached_at_its_host_whose_port_is_then_busy(host: str, url_host: str) -> None:
    if ":" in host and not has_ipv6():
        pytest.skip("no IPv6 on this machine")
    port = ports.free_port()
    ports.require_free(host, port)
    async with await asyncio.start_server(hang_up, host, port):
        assert ports.reachable(host) == url_host
        _, writer = await asyncio.open_connection(url_host.strip("[]"), port)
        writer.close()
        with pytest.raises(PortBusy):
            ports.require_free(host, port)


def test_ipv6_server_may_have_the_port_of_an_ipv4_server() -> None:
    if not has_ipv6():
        pytest.skip("no IPv6 on this machine")
    with socket.socket() as ipv4:
        ipv4.bind(("0.0.0.0", 0))  # noqa: S104
        ipv4.listen()
        ports.require_free("::", ipv4.getsockname()[1])


def has_ipv6() -> bool:
    """Returns whether this machine has the IPv6 loopback address."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_address_of_another_machine_is_not_called_busy(host: str) -> None:
    with pytest.raises(CannotListen) as told:
        ports.require_free(host, 8000)
    assert f"{host}:8000" in worded(told.value) and "PUBLIC_URL" in worded(told.value)
