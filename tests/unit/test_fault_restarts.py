"""Tests that the fault harness records a bot that the launcher restarted by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from benchmarks.faulting import restarts as module
from benchmarks.faulting.providers import Delivery, Mood
from benchmarks.faulting.restarts import HUNG_S, SILENT, Restarts
from benchmarks.faulting.system import System
from benchmarks.faulting.told import KILLED, Struck, excess
from bot.core.texts import say
from tests.eventually import eventually

STRUCK = Struck("kill -9 bot", 100.0, 101.0, frozenset({"bot"}), well=110.0)
ELSEWHERE = Struck("an entry broken", 100.0, 101.0, frozenset(), well=110.0)


async def test_each_new_process_of_the_bot_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.001)
    pids = [1, 1, None, 2, 2, 3]
    silences = [0, 1]
    restarts = Restarts(
        lambda: pids.pop(0) if len(pids) > 1 else pids[0], lambda: silences.pop(0) if len(silences) > 1 else silences[0]
    )
    watching = asyncio.create_task(restarts.watch())
    await eventually(lambda: len(restarts.seen) >= 2)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert [one.parts for one in restarts.seen] == [frozenset({"bot"})] * 2
    (earlier, later) = restarts.seen
    assert (earlier.remark, later.remark) == (SILENT, "")
    assert earlier.began < earlier.ended <= later.began < later.ended


def test_restart_is_the_launchers_own_unless_a_fault_touched_the_bot() -> None:
    again = Struck("bot started again", 105.0, 106.0, frozenset({"bot"}), SILENT, well=106.0)
    restarts = Restarts(lambda: None, lambda: 0, [again])
    assert restarts.excused([STRUCK]) == []
    (own,) = restarts.excused([ELSEWHERE])
    assert (own.began, own.ended) == (105.0 - HUNG_S, 106.0)
    assert restarts.crashed([ELSEWHERE]) == []


def test_bot_that_ends_by_itself_is_not_excused() -> None:
    again = Struck("bot started again", 105.0, 106.0, frozenset({"bot"}), well=106.0)
    restarts = Restarts(lambda: None, lambda: 0, [again])
    assert (restarts.excused([ELSEWHERE]), restarts.crashed([STRUCK])) == ([], [])
    assert len(restarts.crashed([ELSEWHERE])) == 1


def test_launcher_log_gives_the_number_of_ends_for_not_answering(tmp_path: Path) -> None:
    system = System(tmp_path, 1.0)
    assert system.silences("bot") == 0
    said = [say("cli.run.parte_sin_respuesta", parte=part) for part in ("bot", "rasa", "bot")]
    (tmp_path / "launcher.log").write_text("\n".join(said), encoding="utf-8")
    assert system.silences("bot") == 2


def test_repeat_near_a_restart_has_a_reason() -> None:
    saw = [Delivery("telegram", "1", "hola", at, Mood.WELL) for at in (105.0, 190.0)]
    assert excess(saw, 1, [ELSEWHERE, Struck("bot started again", 104.0, 150.0, frozenset({"bot"}))]) == [KILLED]
