"""Tests that logs stay within a size limit while their parts continue to write."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.run.log_files import bound_log


def test_small_log_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    log.write_text("a\n")
    assert not bound_log(log, max_bytes=2)
    assert not bound_log(tmp_path / "none.log")
    assert [path.name for path in tmp_path.iterdir()] == ["bot.log"]


def test_large_log_is_rotated_while_its_part_appends(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    with log.open("ab") as part:
        part.write(b"old\n")
        part.flush()
        assert bound_log(log, max_bytes=3)
        part.write(b"new\n")
    assert log.read_text() == "new\n"
    assert (tmp_path / "bot.log.1").read_text() == "old\n"


def test_rotation_frees_space_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(_source: Path, target: Path) -> None:
        target.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", no_room)
    log = tmp_path / "bot.log"
    log.write_text("many lines\n")
    assert bound_log(log, max_bytes=3)
    assert log.read_text() == ""
    assert not (tmp_path / "bot.log.1").exists()
