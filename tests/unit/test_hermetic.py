"""Tests that a unit test fails when it reaches outside, and passes otherwise."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.hermetic import ROOT, STATE, NotHermetic, hermetic

ELSEWHERE = "192.0.2.1"  # an address for documentation, which nobody has


def connected(family: int, address: tuple[str, int]) -> None:
    with socket.socket(family) as one:
        one.settimeout(0.01)
        one.connect(address)


@pytest.mark.parametrize(
    "reach",
    [
        lambda: connected(socket.AF_INET, (ELSEWHERE, 80)),
        lambda: connected(socket.AF_INET6, ("2001:db8::1", 80)),
        lambda: socket.getaddrinfo("example.org", 80),
        lambda: (ROOT / "new").write_text("x"),
        lambda: (ROOT / "new").mkdir(),
        lambda: (ROOT / "agency.yml").rename(ROOT / "other.yml"),
        lambda: sqlite3.connect(ROOT / "new.sqlite"),
        lambda: (Path(STATE) / "secrets.json").read_text(),
    ],
)
def test_outside_access_is_refused_and_listed(reach: Callable[[], object]) -> None:
    with hermetic() as broken, pytest.raises(NotHermetic):
        reach()
    assert len(broken) == 1


def test_swallowed_refusal_is_still_listed() -> None:
    with hermetic() as broken:
        try:
            connected(socket.AF_INET, (ELSEWHERE, 80))
        except Exception as error:
            assert isinstance(error, NotHermetic)
    assert broken == [f"socket.connect {ELSEWHERE}"]


def test_own_files_and_servers_of_this_machine_are_allowed(tmp_path: Path) -> None:
    with hermetic() as broken, socket.create_server(("127.0.0.1", 0)) as server:
        connected(socket.AF_INET, server.getsockname())
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "file").write_text("x")
        with closing(sqlite3.connect(tmp_path / "some.sqlite")) as database:
            assert database.execute("SELECT 1").fetchone() == (1,)
        assert (ROOT / "agency.yml").read_text(encoding="utf-8")
    assert broken == []
