"""Tests that the proof of public notices counts living processes: killed ones are dropped, hung ones are not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from bot.public_notices.kept import KeptNotices, Reader, process_id
from bot.store.keys import notice_reader_key


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def id_of(pid: int, host: str = "") -> str:
    own = process_id().split(":")
    return f"{host or own[0]}:{pid}:other"


async def fell_silent(redis: Any, kept: KeptNotices, process: str) -> None:
    await kept.acknowledge(process, Reader("worker"), now_ms=await kept.now_ms())
    await redis.delete(notice_reader_key(process))


async def test_killed_process_is_forgotten_and_a_hung_one_stays(redis: Any, other: subprocess.Popen[bytes]) -> None:
    kept, own, killed = KeptNotices(redis), process_id(), id_of(other.pid)
    await kept.acknowledge(own, Reader("web"), now_ms=await kept.now_ms())
    await fell_silent(redis, kept, killed)
    os.kill(other.pid, signal.SIGSTOP)
    await kept.forget_killed(own)
    assert set(await kept.readers()) == {own, killed}
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    await kept.forget_killed(own)
    assert set(await kept.readers()) == {own}


async def test_only_silent_processes_of_this_machine_are_forgotten(redis: Any, other: subprocess.Popen[bytes]) -> None:
    kept, own = KeptNotices(redis), process_id()
    other.kill()
    other.wait()
    speaking, elsewhere, unknown = id_of(other.pid), id_of(other.pid, "elsewhere"), "a1b2c3"
    await kept.acknowledge(speaking, Reader("web"), now_ms=await kept.now_ms())
    for one in (elsewhere, unknown):
        await fell_silent(redis, kept, one)
    await kept.forget_killed(own)
    assert set(await kept.readers()) == {speaking, elsewhere, unknown}


async def test_container_that_was_started_again_forgets_its_former_self(redis: Any) -> None:
    kept, own = KeptNotices(redis), process_id()
    await fell_silent(redis, kept, id_of(os.getpid()))
    await kept.forget_killed(own)
    assert await kept.readers() == {}
