"""Tests that the action server works with a home folder that is mounted read-only, and writes nothing there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.faq.encoder import kept as cache
from bot.faq.encoder.folder import VECTORS
from bot.faq.encoder.kept import Kept
from bot.faq.publishing import last_known_good
from bot.faq.publishing.last_known_good import LastKnownGood


def mounted_read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes every folder appear read-only; tests may run as root, for whom only a mount prevents writing."""
    for module in (cache, last_known_good):
        monkeypatch.setattr(module, "is_writable", lambda _folder: False)


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_files_of_other_processes_are_read_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Kept(tmp_path, "vector").write({b"origin01" + b"key": b"value"})
    LastKnownGood(tmp_path).keep("bache.md", b"good")
    before = files_in(tmp_path)
    assert before == ["bache.md", VECTORS]
    mounted_read_only(monkeypatch)
    kept, good = Kept(tmp_path, "vector"), LastKnownGood(tmp_path)
    kept.write({b"origin02" + b"key": b"other"})
    kept.use(b"origin02")
    good.keep("bache.md", b"better")
    good.forget_all_but([])
    assert kept.read([b"origin01key", b"origin02key"]) == {b"origin01key": b"value"}
    assert good.read("bache.md") == b"good"
    assert files_in(tmp_path) == before


def test_damaged_cache_of_a_read_only_folder_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / VECTORS).write_bytes(b"no database" * 100)
    mounted_read_only(monkeypatch)
    assert Kept(tmp_path, "vector").read([b"key"]) == {}
    assert files_in(tmp_path) == [VECTORS]
