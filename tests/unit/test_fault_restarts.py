"""Tests that the fault harness notes a bot that the launcher started again by itself."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.faulting import restarts as module
from benchmarks.faulting.providers import Delivery, Mood
from benchmarks.faulting.restarts import HUNG_S, Restarts
from benchmarks.faulting.told import KILLED, Struck, _excess
from tests.eventually import eventually

STRUCK = Struck("kill -9 bot", 100.0, 101.0, frozenset({"bot"}), well=110.0)
ELSEWHERE = Struck("an entry broken", 100.0, 101.0, frozenset(), well=110.0)


async def test_each_new_process_of_the_bot_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.001)
    pids = [1, 1, None, 2, 2, 3]
    restarts = Restarts(lambda: pids.pop(0) if len(pids) > 1 else pids[0])
    watching = asyncio.create_task(restarts.watch())
    await eventually(lambda: len(restarts.seen) >= 2)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert [one.parts for one in restarts.seen] == [frozenset({"bot"})] * 2
    (earlier, later) = restarts.seen
    assert earlier.began < earlier.ended <= later.began < later.ended


def test_restart_is_the_launchers_own_unless_a_fault_touched_the_bot() -> None:
    restarts = Restarts(lambda: None, [Struck("bot started again", 105.0, 106.0, frozenset({"bot"}), well=106.0)])
    assert restarts.by_itself([STRUCK]) == []
    (own,) = restarts.by_itself([ELSEWHERE])
    assert (own.began, own.ended) == (105.0 - HUNG_S, 106.0)


def test_repeat_near_a_restart_has_a_reason() -> None:
    saw = [Delivery("telegram", "1", "hola", at, Mood.WELL) for at in (105.0, 190.0)]
    assert _excess(saw, 1, [ELSEWHERE, Struck("bot started again", 104.0, 150.0, frozenset({"bot"}))]) == [KILLED]
