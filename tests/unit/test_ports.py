"""Tests drawing free ports in several processes at once."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.run import ports

DRAWS = "from bot.run.ports import free_port; print(free_port(), flush=True); input()"


@contextlib.contextmanager
def drawn_elsewhere() -> Iterator[int]:
    """Yields a port that another process drew; that process runs until the end of the block."""
    with subprocess.Popen([sys.executable, "-c", DRAWS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
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
