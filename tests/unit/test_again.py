"""Tests that what fails once is run again alone, and what fails twice fails the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.again import TESTS_FAILED, main
from tests.home import ROOT

ONE_PROCESS = ()  # starts in half the time
SETTINGS = "[pytest]\naddopts = -p no:asyncio -p no:hypothesispytest -p no:schemathesis -p no:anyio"
SECOND_TIME = "from pathlib import Path\nseen = Path('seen').exists()\nPath('seen').touch()\n"


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # pytest is started in another folder


def _folder(folder: Path, code: str) -> Path:
    (folder / "pytest.ini").write_text(SETTINGS)
    (folder / "test_one.py").write_text(f"{SECOND_TIME}\n\n{code}\n")
    return folder


def test_a_test_that_passes_alone_does_not_fail_the_run_and_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = _folder(tmp_path, "def test_one() -> None:\n    assert seen")
    assert main(folder, ONE_PROCESS) == 0
    assert "Passed only alone; make them independent of time:\n  test_one.py::test_one" in capfd.readouterr().out


def test_a_test_that_fails_twice_fails_the_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = _folder(tmp_path, "def test_one() -> None:\n    assert not seen\n    assert seen")
    assert main(folder, ONE_PROCESS) == TESTS_FAILED
    assert "Passed only alone" not in capfd.readouterr().out


def test_a_run_that_was_cut_off_is_not_taken_for_one_that_passed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = (
        "import os\n\n\ndef test_one() -> None:\n    if not seen:\n        os._exit(1)\n\n\ndef test_two() -> None: ..."
    )
    assert main(_folder(tmp_path, code), ("-n", "1", "--max-worker-restart", "0")) == TESTS_FAILED
    assert "Running alone" not in capfd.readouterr().out
