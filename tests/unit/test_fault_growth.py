"""Tests how the fault harness measures growth: samples over time, and the second half of them as a rate."""

from __future__ import annotations

import itertools
import os
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.faulting.growth import FOLDERS, MB, Growth, Sample, overgrown, table
from benchmarks.faulting.processes import Size
from benchmarks.faulting.verdict import GREW, Verdict


def sample(messages: int, memory_mb: float, files: int, pid: int = 1) -> Sample:
    return Sample(messages, {"bot": Size(pid, memory_mb, files)}, dict.fromkeys(FOLDERS, memory_mb / 10))


async def test_sizes_are_measured_at_once_and_evenly(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "bot.log").write_bytes(b"x" * 3 * MB)
    counted = itertools.count(0, 100)
    growth = Growth(tmp_path, lambda: {"bot": os.getpid()}, lambda: next(counted))
    await growth.watch(0.02, 2)
    assert [one.messages for one in growth.samples] == [0, 100, 200]
    assert all(round(one.disk_mb["logs"]) == 3 and one.disk_mb["valkey"] == 0 for one in growth.samples)
    assert all(one.parts["bot"].memory_mb > 10 and one.parts["bot"].files > 3 for one in growth.samples)


async def test_run_with_faults_measures_nothing(tmp_path: Path) -> None:
    growth = Growth(tmp_path, dict, lambda: 0)
    await growth.watch(60, 0)
    assert (growth.samples, list(table(growth.samples))) == ([], [])


def test_growth_is_that_of_the_second_half_for_ten_thousand_messages() -> None:
    lines = list(table([sample(0, 100, 50), sample(5_000, 200, 80), sample(10_000, 210, 82)]))
    assert lines[0] == "| MB (open files) after messages | 0 | 5,000 | 10,000 | growth in 10,000 |"
    assert lines[2] == "| bot | 100 (50) | 200 (80) | 210 (82) | +20.0 (+4) |"
    assert lines[3] == "| valkey on disk | 10 | 20 | 21 | +2.0 |"


def test_part_that_was_started_again_has_no_growth() -> None:
    assert "| started again |" in list(table([sample(0, 9, 9), sample(5, 9, 9), sample(10, 5, 5, pid=2)]))[2]


def test_part_that_did_not_run_at_one_of_the_moments_is_shown_as_nothing() -> None:
    without = replace(sample(5, 9, 9), parts={})
    line = list(table([sample(0, 9, 9), without, sample(10, 9, 9)]))[2]
    assert line == "| bot | 9 (9) | 0 (0) | 9 (9) | started again |"


@pytest.mark.parametrize(
    ("size", "messages", "found"),
    [
        (Size(2, 299, 250), 0, []),
        (Size(1, 301, 50), 0, ["bot: 100 → 301 MB, 50 → 50 open files"]),
        (Size(1, 301, 50), 10_000, []),
        (Size(2, 100, 251), 10_000, ["bot: 100 → 100 MB, 50 → 251 open files"]),
    ],
)
def test_part_that_grew_without_end_is_found_although_it_was_started_again(
    size: Size, messages: int, found: list[str]
) -> None:
    assert list(overgrown({"bot": Size(1, 100, 50)}, {"bot": size, "rasa": Size(3, 999, 999)}, messages)) == found
    assert GREW in Verdict.GRAVE
