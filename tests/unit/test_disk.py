"""Tests that the least necessary work stops first as the disk fills."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from pydantic import SecretStr

from bot.app.services import _files_in
from bot.conversation.files import FILES_FOLDER, Files
from bot.core import disk as module
from bot.core.disk import MEGABYTE, Disk, Room, replace_file
from bot.core.errors.files import DiskLow
from bot.core.settings import Settings
from tests.full_disk import full_disk
from tests.pictures import picture

PNG = picture()


@pytest.mark.parametrize(
    ("free_mb", "room"),
    [
        (400, Room.FILES),
        (256, Room.FILES),
        (255, Room.SEARCH),
        (127, Room.NEW_CONVERSATIONS),
        (63, Room.ANSWERS),
        (0, Room.ANSWERS),
    ],
)
def test_each_quarter_of_the_floor_stops_something_more(tmp_path: Path, free_mb: int, room: Room) -> None:
    assert Disk(tmp_path, 256, lambda _folder: free_mb * MEGABYTE).room is room


def test_without_a_floor_nothing_stops(tmp_path: Path) -> None:
    assert Disk(tmp_path, 0, lambda _folder: 0).room is Room.FILES


def test_missing_folder_is_measured_by_its_parent(tmp_path: Path) -> None:
    assert Disk(tmp_path / "not" / "made", 1).room is Room.FILES


def test_the_disk_is_measured_again_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = [400, 0]
    disk = Disk(tmp_path, 256, lambda _folder: free.pop(0) * MEGABYTE)
    assert [disk.room, disk.room] == [Room.FILES, Room.FILES]
    monkeypatch.setattr(module, "MEASURED_FOR_S", -1.0)
    assert disk.room is Room.ANSWERS


async def test_file_is_refused_below_the_floor(tmp_path: Path) -> None:
    with pytest.raises(DiskLow):
        await Files(tmp_path / "files", has_room=lambda: False).keep("c1", "a.png", PNG)
    assert not (tmp_path / "files").exists()


async def test_full_disk_is_reported_as_low_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    files = Files(tmp_path)
    monkeypatch.setattr(files, "_write", full)
    with pytest.raises(DiskLow):
        await files.keep("c1", "a.png", PNG)


async def test_other_write_errors_are_no_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    files = Files(tmp_path)
    monkeypatch.setattr(files, "_write", forbidden)
    with pytest.raises(PermissionError):
        await files.keep("c1", "a.png", PNG)


def test_disk_gives_its_last_measurement(tmp_path: Path) -> None:
    disk = Disk(tmp_path, 256, lambda _folder: 100 * MEGABYTE)
    assert (disk.room, disk.free_bytes, disk.floor_bytes) == (Room.NEW_CONVERSATIONS, 100 * MEGABYTE, 256 * MEGABYTE)


def test_replaced_file_is_whole_private_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    for content in ("uno", "dos: ñ"):
        replace_file(tmp_path / "kept.json", content)
    assert (tmp_path / "kept.json").read_text(encoding="utf-8") == "dos: ñ"
    assert [path.name for path in tmp_path.iterdir()] == ["kept.json"]
    assert (tmp_path / "kept.json").stat().st_mode & 0o077 == 0


def test_file_that_cannot_be_replaced_stays_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    replace_file(tmp_path / "kept.json", "uno")
    with full_disk(), pytest.raises(OSError, match="File too large"):
        replace_file(tmp_path / "kept.json", "uno, dos y tres")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("kept.json", "uno")]


@pytest.mark.parametrize("full", ["home", "home/files"])
async def test_files_on_a_volume_of_their_own_need_room_on_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    settings = Settings(VENTANILLA_HOME=tmp_path / "home", VENTANILLA_SECRET=SecretStr("s" * 40))
    (settings.home / FILES_FOLDER).mkdir(parents=True)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: Usage(0 if path == tmp_path / full else 10**12))
    files = _files_in(settings, Disk(settings.home, settings.disk_floor_mb))
    with pytest.raises(DiskLow):
        await files(FILES_FOLDER).keep("c1", "foto.png", PNG)


class Usage(NamedTuple):
    """The free space of a file system in bytes, as the test sets it."""

    free: int
