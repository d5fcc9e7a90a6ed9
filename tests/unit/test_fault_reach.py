"""Tests how the fault harness reaches a part: the rules of a cut, its control group, its clock."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.faulting import clocks, cuts, network
from benchmarks.faulting.chaos import Broken, Fault, Scene, kill
from benchmarks.faulting.failover import FAILOVERS
from benchmarks.faulting.losses import LOSSES
from benchmarks.faulting.network import Cut, Network, rules
from benchmarks.faulting.second_bot import environment_of
from benchmarks.faults import applies
from tests.eventually import eventually_blocking

GROUP = "unified/faults-1-bot"
SOCKETS = f'socket cgroupv2 level 1 "{GROUP}" '


def lines(group: str, how: Cut) -> list[str]:
    return rules("faults_1", group, {7, 6}, how).splitlines()


def test_silent_cut_drops_both_ways_and_only_between_the_two() -> None:
    found = lines(GROUP, Cut.SILENT)
    assert f"{SOCKETS}tcp dport {{ 6, 7 }} drop" in found
    assert f"{SOCKETS}tcp sport {{ 6, 7 }} drop" in found


def test_lost_answers_are_a_cut_of_the_way_back() -> None:
    assert [line for line in lines(GROUP, Cut.ANSWERS_LOST) if "drop" in line] == [
        f"{SOCKETS}tcp sport {{ 6, 7 }} drop"
    ]


def test_refusals_let_the_refusal_itself_pass() -> None:
    found = lines("", Cut.RESET)
    assert found.index("tcp flags & rst == rst accept") < found.index("tcp dport { 6, 7 } reject with tcp reset")


def test_part_keeps_its_process_id_in_its_group(tmp_path: Path) -> None:
    (tmp_path / "cgroup.procs").touch()
    started = subprocess.Popen(network.in_group([sys.executable, "-c", ""], str(tmp_path)))
    assert started.wait() == 0
    assert (tmp_path / "cgroup.procs").read_text() == f"{started.pid}\n"


def test_rules_of_a_killed_run_are_removed_by_the_next(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    (tmp_path / f"faults-{ended.pid}-bot").mkdir()
    (tmp_path / f"faults-{os.getpid()}-bot").mkdir()
    scripts: list[str] = []

    def nft(script: str) -> str:
        scripts.append(script)
        return f"table inet faults_{ended.pid}\ntable inet faults_{os.getpid()}\ntable ip nat\n"

    monkeypatch.setattr(network, "_nft", nft)
    network._remove_left(tmp_path)
    assert scripts == ["list tables\n", f"delete table inet faults_{ended.pid}\n"]
    assert [group.name for group in tmp_path.iterdir()] == [f"faults-{os.getpid()}-bot"]


def test_rules_go_even_when_the_cut_is_interrupted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    scripts: list[str] = []
    monkeypatch.setattr(network, "_nft", scripts.append)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # servers of other tests may have left theirs
    with pytest.raises(KeyboardInterrupt), Network(tmp_path, 1).cut("", {6}, Cut.SILENT):
        signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)
    assert scripts[-1] == "delete table inet faults_1\n"


@pytest.mark.parametrize(("ahead_s", "written"), [(3600, "+3600\n"), (-3600, "-3600\n"), (0, "+0\n")])
def test_clock_is_a_file_that_is_never_half_written(tmp_path: Path, ahead_s: int, written: str) -> None:
    clocks.set_clock(tmp_path, "bot", ahead_s)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"bot": written}
    assert clocks.faked({"A": "b"}, "bot", tmp_path)["FAKETIME_TIMESTAMP_FILE"] == str(tmp_path / "bot")


class Reached:
    """Replaces a system whose network can be cut, and whose parts have these ids before and after a cut."""

    environment: Mapping[str, str] = {}

    def __init__(self, *pids: dict[str, int]) -> None:
        self.network, self._pids = self, list(pids)

    def noted(self) -> dict[str, str]:
        return {"RASA_URL": "http://127.0.0.1:6"}

    @contextmanager
    def cut(self, _part: str, _ports: set[int], _how: Cut) -> Iterator[None]:
        yield

    @property
    def pids(self) -> dict[str, int]:
        return self._pids.pop(0)


def test_receivers_of_alarms_are_reached_by_the_ports_of_their_settings() -> None:
    reached = Reached()
    reached.environment = {"SMTP_URL": "smtp://127.0.0.1:25", "ALARM_WEBHOOK_URL": "http://127.0.0.1:8443/alarm"}
    scene = Scene(reached, (), random.Random(1))  # type: ignore[arg-type]
    assert [cuts.ports_of(scene, one) for one in (cuts.MAIL, cuts.WEBHOOK, cuts.PROVIDERS)] == [{25}, {8443}, set()]


async def test_launcher_that_is_cut_off_may_start_no_part_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuts, "CUT_S", 0.0)
    fault = cuts.cut("launcher", "rasa", Cut.SILENT)
    assert fault.parts == {"rasa"}

    def scene(*pids: dict[str, int]) -> Scene:
        return Scene(Reached(*pids), (), random.Random(1))  # type: ignore[arg-type]

    assert await fault.strike(scene({"rasa": 1}, {"rasa": 1, "bot": 2})) == ""
    for after in ({"rasa": 2}, {}):
        with pytest.raises(Broken, match="rasa"):
            await fault.strike(scene({"rasa": 1}, after))


def test_without_the_library_jumps_are_left_out_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "LIBRARIES", ())
    assert clocks.why_no_clocks() == "jumps of the clock need libfaketime"


@pytest.mark.parametrize(
    ("fault", "own", "outside"),
    [
        (kill("valkey"), True, False),
        (kill("bot"), True, True),
        (FAILOVERS[0], False, True),
        (cuts.CUTS[0], True, True),
        (cuts.jump(("valkey",), 1), True, False),
        (LOSSES[0], False, False),
    ],
)
def test_faults_fit_the_valkey_in_use(fault: Fault, own: bool, outside: bool) -> None:
    assert applies(fault, outside_valkey=False) is own
    assert applies(fault, outside_valkey=True) is outside


def test_disk_that_lies_comes_without_jumps_of_the_clock() -> None:
    faults = (LOSSES[0], kill("valkey"), cuts.jump(("bot",), 1))
    assert [applies(one, outside_valkey=False, lying_disk=True) for one in faults] == [True, True, False]


def test_second_bot_gets_the_environment_of_the_first() -> None:
    with subprocess.Popen(["/bin/sleep", "60"], env={"A": "b=c", "EMPTY": ""}) as first:
        # The kernel shows the environment a moment after the program has started.
        assert eventually_blocking(lambda: environment_of(first.pid)) == {"A": "b=c", "EMPTY": ""}
        first.kill()
