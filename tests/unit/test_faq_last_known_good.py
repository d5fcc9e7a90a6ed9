"""Tests that the last good version of a file stays readable and complete during concurrent writes."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bot.faq.publishing.last_known_good import FOLDER, LastKnownGood
from tests.full_disk import full_disk


def test_stored_version_is_read_after_a_restart(tmp_path: Path) -> None:
    LastKnownGood(tmp_path).keep("calle/bache.md", "ñandú".encode())
    assert LastKnownGood(tmp_path).read("calle/bache.md") == "ñandú".encode()


def test_file_that_was_never_valid_is_not_stored(tmp_path: Path) -> None:
    good = LastKnownGood(tmp_path)
    good.keep("calle/bache.md", b"a")
    assert [good.read(name) for name in ("calle/otro.md", "calle", "bache.md", "calle/bache.md/x")] == [None] * 4


def test_newest_version_replaces_and_an_equal_one_is_not_rewritten(tmp_path: Path) -> None:
    good, path = LastKnownGood(tmp_path), tmp_path / FOLDER / "bache.md"
    good.keep("bache.md", b"one")
    before = path.stat().st_ino
    good.keep("bache.md", b"one")
    assert path.stat().st_ino == before
    good.keep("bache.md", b"")
    assert good.read("bache.md") == b""
    assert path.stat().st_ino != before


def test_only_existing_files_are_kept(tmp_path: Path) -> None:
    good = LastKnownGood(tmp_path)
    for name in ("calle/a.md", "calle/b.md", "a.md"):
        good.keep(name, b"x")
    good.forget_all_but({"calle/a.md"})
    assert [good.read(name) is not None for name in ("calle/a.md", "calle/b.md", "a.md")] == [True, False, False]
    LastKnownGood(tmp_path / "new").forget_all_but(())


def test_version_that_cannot_be_stored_leaves_no_file(tmp_path: Path) -> None:
    good = LastKnownGood(tmp_path)
    good.keep("bache.md", b"one")
    with full_disk(), pytest.raises(OSError, match="File too large"):
        good.keep("bache.md", b"one, two and three")
    assert good.read("bache.md") == b"one"
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["bache.md"]


def test_no_reader_ever_sees_half_a_file(tmp_path: Path) -> None:
    good, halves = LastKnownGood(tmp_path), []
    contents = [bytes([65 + turn]) * 200_000 for turn in range(2)]
    good.keep("bache.md", contents[0])
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            halves.append(good.read("bache.md") not in contents)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for turn in range(100):
        good.keep("bache.md", contents[turn % 2])
    done.set()
    for reader in readers:
        reader.join()
    assert halves and not any(halves)
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["bache.md"]
