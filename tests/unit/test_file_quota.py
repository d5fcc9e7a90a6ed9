"""Tests the limit of space for all files together."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.conversation import file_quota
from bot.conversation.file_quota import FileQuota


def test_space_is_counted_until_it_is_used_up(tmp_path: Path) -> None:
    (tmp_path / "c1").mkdir()
    (tmp_path / "c1" / "old").write_bytes(bytes(60))
    quota = FileQuota(tmp_path, 100)
    assert [quota.takes(30), quota.takes(30), quota.takes(10), quota.takes(1)] == [True, False, True, False]


def test_deleted_files_make_room_once_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old").write_bytes(bytes(90))
    quota = FileQuota(tmp_path, 100)
    assert not quota.takes(50)
    (tmp_path / "old").unlink()
    assert not quota.takes(50)
    monkeypatch.setattr(file_quota, "MEASURED_FOR_S", -1.0)
    assert quota.takes(50)


def test_missing_folder_is_empty(tmp_path: Path) -> None:
    assert FileQuota(tmp_path / "none", 10).takes(10)


def test_files_taken_while_the_folder_is_measured_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quota, taken = FileQuota(tmp_path, 100), list[bool]()
    other = threading.Thread(target=lambda: taken.append(quota.takes(60)))

    def sizes(_folder: Path) -> Iterator[int]:
        if threading.current_thread() is not other:
            other.start()
            other.join(0.5)  # ends by itself, unless it waits until the folder is measured
        yield 0

    monkeypatch.setattr(file_quota, "_sizes", sizes)
    taken.append(quota.takes(60))
    other.join()
    assert sorted(taken) == [False, True]
