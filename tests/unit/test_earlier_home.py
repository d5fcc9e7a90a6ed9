"""Tests that files that earlier versions kept beside ``answers`` are moved into it, and no agency's data is lost."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.core.settings import Settings
from bot.faq.answering.experience import FILE as EXPERIENCE
from bot.faq.encoder.earlier_home import NAMES, bring_together, left_beside
from bot.faq.encoder.folder import OWN_ADAPTER, VECTORS
from bot.faq.encoder.kept import Kept
from bot.faq.publishing.last_known_good import FOLDER as GOOD
from bot.faq.ranking.classifier import SUFFIX
from bot.run.system import gather, only_one

ADAPTER = "adapter.safetensors"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def put(home: Path, name: str, content: str, *, changed_at: float = 1000) -> None:
    (home / name).parent.mkdir(parents=True, exist_ok=True)
    (home / name).write_text(content)
    os.utime(home / name, (changed_at, changed_at))


def found(home: Path) -> dict[str, str]:
    return {path.relative_to(home).as_posix(): path.read_text() for path in home.rglob("*") if path.is_file()}


def together(home: Path) -> list[str]:
    return bring_together(home, home / "answers")


def test_names_are_those_of_the_modules() -> None:
    assert {GOOD, VECTORS, OWN_ADAPTER, EXPERIENCE, f"*{SUFFIX}"} < set(NAMES)


def test_files_are_moved_and_newer_ones_stay(home: Path) -> None:
    for name in ("encoder/e5/model.onnx", "good/calle/bache.md", "danger-1.npz", "experience.json", "secrets.json"):
        put(home, name, "before")
    put(home, "answers/experience.json", "newer")
    for _ in range(2):
        assert together(home) == []
    assert found(home) == {
        "answers/encoder/e5/model.onnx": "before",
        "answers/good/calle/bache.md": "before",
        "answers/danger-1.npz": "before",
        "answers/experience.json": "newer",
        "secrets.json": "before",
    }


def test_folders_are_merged_file_by_file(home: Path) -> None:
    (home / "answers" / "encoder").mkdir(parents=True)  # empty
    put(home, "answers/good/calle/bache.md", "newer")
    for name in ("encoder/e5/model.onnx", "good/calle/bache.md", "good/calle/luz.md"):
        put(home, name, "before")
    together(home)
    assert found(home / "answers") == {
        "encoder/e5/model.onnx": "before",
        "good/calle/bache.md": "newer",
        "good/calle/luz.md": "before",
    }
    assert left_beside(home) == []


@pytest.mark.parametrize("newest", ["mine", "refined"])
def test_of_two_adapters_the_newer_one_is_used_and_the_other_kept(home: Path, newest: str) -> None:
    put(home, ADAPTER, "mine", changed_at=2000 if newest == "mine" else 1000)
    put(home, "adapter.md", "card of mine")
    put(home, f"answers/{ADAPTER}", "refined", changed_at=1500)
    put(home, "answers/adapter.md", "card of refined")
    (notice,) = together(home)
    kept = next(home.glob("adapter-*.safetensors"))
    assert str(kept) in notice
    assert (home / "answers" / ADAPTER).read_text() == newest
    assert (home / "answers" / "adapter.md").read_text() == f"card of {newest}"
    assert {kept.read_text(), newest} == {"mine", "refined"}
    assert kept.with_suffix(".md").read_text() == f"card of {kept.read_text()}"
    assert together(home) == []


def test_link_leads_to_the_same_place_afterwards(home: Path) -> None:
    put(home.parent, "disk/e5/model.onnx", "before")
    put(home.parent, "disk/weights.bin", "weights")
    put(home, "good/bache.md", "before")
    (home / "encoder").symlink_to(Path("..") / "disk")
    (home / "good" / "luz.md").symlink_to(Path("..") / ".." / "disk" / "weights.bin")
    together(home)
    assert (home / "answers" / "encoder" / "e5" / "model.onnx").read_text() == "before"
    assert (home / "answers" / "good" / "luz.md").read_text() == "weights"
    assert left_beside(home) == []


def test_files_are_copied_to_another_disk(home: Path) -> None:
    shm = Path("/dev/shm")  # noqa: S108
    if not shm.is_dir() or shm.stat().st_dev == home.parent.stat().st_dev:
        pytest.skip("there is no other disk")
    put(home, "good/calle/bache.md", "before")
    put(home, ADAPTER, "mine")
    with TemporaryDirectory(dir=shm) as disk:
        (home / "answers").symlink_to(disk)
        assert together(home) == []
        assert found(Path(disk)) == {"good/calle/bache.md": "before", ADAPTER: "mine"}
    assert left_beside(home) == []


def test_vectors_in_use_stay_and_are_moved_later_with_what_was_written_last(home: Path) -> None:
    home.mkdir()
    kept = Kept(home, "vector")
    kept.write({b"1": b"one"})
    with closing(sqlite3.connect(home / VECTORS)) as database:
        database.execute("INSERT INTO vector VALUES (?, ?)", (b"2", b"two"))
        database.commit()
        together(home)
        assert kept.read([b"1", b"2"]) == {b"1": b"one", b"2": b"two"}
    together(home)
    assert Kept(home / "answers", "vector").read([b"1", b"2"]) == {b"1": b"one", b"2": b"two"}
    assert list(home.glob(f"{VECTORS}*")) == []


def test_immovable_files_are_reported_and_stay(home: Path) -> None:
    put(home, "good/bache.md", "before")
    put(home, ADAPTER, "mine")
    put(home, "answers/good", "a file where a folder belongs")
    (notice,) = together(home)
    assert str(home / "good") in notice
    assert found(home) == {"good/bache.md": "before", "answers/good": "a file where a folder belongs"} | {
        f"answers/{ADAPTER}": "mine"
    }


def test_nothing_moves_while_a_launcher_runs(home: Path) -> None:
    put(home, "good/bache.md", "before")
    settings = Settings(VENTANILLA_HOME=home)
    with only_one(settings):
        gather(settings)
        assert (home / "good" / "bache.md").exists()
    gather(settings)
    assert (home / "answers" / "good" / "bache.md").read_text() == "before"
