"""Tests how many test processes run at a time."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import pytest_collection_modifyitems
from tests.home import ROOT
from tests.scheduling import ALONE, LAST, READ_ALL, cores, free_mb, processes, scope_of


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("tests/acceptance/test_pages.py", "tests/acceptance"),
        ("tests/acceptance/test_fault_harness.py", "tests/acceptance/test_fault_harness.py"),
        ("tests/encoder/test_danger.py", "tests/encoder"),
        ("tests/encoder/test_refine.py", "tests/encoder/test_refine.py"),
        ("tests/rasa/test_stories.py", "tests/rasa"),
        ("tests/unit/test_files.py", "tests/unit/test_files.py"),
        ("tests/unit/test_layout.py", "all modules"),
    ],
)
def test_files_that_share_what_takes_long_run_in_one_process(file: str, expected: str) -> None:
    assert scope_of(file) == expected


def test_files_and_folders_that_are_named_exist() -> None:
    assert [file for file in ALONE | READ_ALL if not (ROOT / file).is_file()] == []
    assert [folder for folder in LAST if not (ROOT / folder).is_dir()] == []


def test_folders_of_short_files_run_last() -> None:
    items = [SimpleNamespace(nodeid=f"tests/{folder}/test_a.py::test") for folder in ("browser", "lua", "rasa", "unit")]
    pytest_collection_modifyitems(items)  # type: ignore[arg-type]
    assert [one.nodeid.split("/")[1] for one in items] == ["browser", "rasa", "lua", "unit"]


@pytest.mark.parametrize(
    ("of_machine", "free", "expected"),
    [(2, 16_000, 4), (4, 16_000, 6), (64, 64_000, 6), (8, 6_200, 4), (8, 1_000, 3), (1.5, 16_000, 3)],
)
def test_processes_follow_cores_and_memory(of_machine: float, free: float, expected: int) -> None:
    assert processes(of_machine, free) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "50000 100000"}, 0.5),
        ({"cpu/cpu.cfs_quota_us": "20000", "cpu/cpu.cfs_period_us": "100000"}, 0.2),
        ({"cpu.max": "max 100000"}, cores(Path("/nowhere"))),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, cores(Path("/nowhere"))),
    ],
)
def test_quota_of_a_container_counts(tmp_path: Path, files: dict[str, str], expected: float) -> None:
    (tmp_path / "cpu").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert cores(tmp_path) == expected


def test_free_memory_is_known() -> None:
    assert free_mb() > 10
