"""Tests that a log never raises or blocks, whatever happens to the disk, and that it counts the lost lines."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot.core.log_stream import LogStream, dropped_lines
from bot.core.logs import configure, log
from tests.eventually import eventually


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
def full_disk() -> Iterator[int]:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    yield descriptor
    os.close(descriptor)


def written(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_lines_are_written_whole_and_in_order(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    stream = LogStream(descriptor)
    for number in range(100):
        stream.write(f"línea {number}\n")
    stream.finish()
    os.close(descriptor)
    assert written(tmp_path / "log") == [f"línea {number}" for number in range(100)]


def test_full_disk_drops_lines_without_raising(full_disk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = LogStream(full_disk)
    monkeypatch.setattr(sys, "stderr", stream)
    configure()
    try:
        raise OSError(errno.ENOSPC, "No space left on device")
    except OSError:
        log.exception("turn failed")
    stream.finish()
    assert stream._dropped == 1


def test_full_standard_error_does_not_raise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sys, "stderr", Full())
    configure()
    log.critical("background task ended")


def test_unrenderable_fact_does_not_raise(capsys: pytest.CaptureFixture[str]) -> None:
    class Unreadable:
        def __repr__(self) -> str:
            raise ValueError

    configure()
    log.warning("left out", what=Unreadable())
    log.warning("went on")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["went on"]


async def test_hung_disk_blocks_nothing_and_dropped_lines_are_counted() -> None:
    reading, writing = os.pipe()
    stream = LogStream(writing, max_lines=8)
    for _ in range(1200):  # more than a pipe holds
        stream.write("x" * 99 + "\n")
    os.set_blocking(reading, False)
    taken = bytearray()

    def drained() -> bool:
        try:
            taken.extend(os.read(reading, 1 << 20))
        except BlockingIOError:
            stream.write("y\n")
        return b"log: lines dropped" in taken

    await eventually(drained)
    notice = next(json.loads(line) for line in taken.splitlines() if b"lines dropped" in line)
    assert notice["count"] >= 1
    stream.finish()
    os.close(writing)
    os.close(reading)


def test_dropped_lines_are_counted_in_all(full_disk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = LogStream(full_disk)
    monkeypatch.setattr(sys, "stderr", stream)
    for _ in range(3):
        stream.write("línea\n")
    stream.finish()
    assert dropped_lines() == 3
