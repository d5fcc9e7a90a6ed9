"""Tests storing a citizen's file: only allowed types, an unguessable name, a limited time."""

from __future__ import annotations

import os
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bot.conversation.file_encryption.folder_keys import FolderKeys
from bot.conversation.files import KINDS, MAX_FILE_BYTES, Files, harmless_name, kind_of, size_in_words
from bot.core.errors.files import DiskLow, FileKindRefused, FileTooBig, HeicRefused
from bot.core.secrets.encryption import ConversationCipher
from tests.pictures import picture

PNG = picture()
TAKEN = {
    "a.pdf": b"%PDF-1.7 ...",
    "a.JPG": picture("JPEG"),
    "a.jpeg": picture("JPEG"),
    "a.png": PNG,
    "a.webp": picture("WEBP"),
}
REFUSED = {
    "a.exe": b"MZ...",
    "a.pdf.exe": b"%PDF-1.7",
    "a.pdf": b"<html><script>",
    "a.png": b"\xff\xd8\xff\xe0",
    "a.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "a.html": b"%PDF-",
    "pdf": b"%PDF-",
    "a.jpg": b"",
    "b.jpg": b"\xff\xd8\xff\xe0 no picture",
    "a.heic": b"\x00\x00\x00\x18ftypheic\x00",
}


@pytest.mark.parametrize(("name", "content"), TAKEN.items())
async def test_pictures_and_pdf_are_accepted(tmp_path: Path, name: str, content: bytes) -> None:
    files = Files(tmp_path / "files")
    kept = await files.keep("c1", name, content)
    found = await files.find("c1", kept.id)
    assert found is not None
    assert found[0] == kept
    assert kind_of(name, found[1].read()) == KINDS[name.partition(".")[2].lower()]
    assert name not in str(found[1].path)


@pytest.mark.parametrize(("name", "content"), REFUSED.items())
async def test_file_that_contradicts_its_name_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(FileKindRefused):
        await Files(tmp_path).keep("c1", name, content)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["a.heic", "a.HEIF", "a.jpg"])
async def test_pictures_of_apple_are_refused_as_such(tmp_path: Path, name: str) -> None:
    with pytest.raises(HeicRefused):
        await Files(tmp_path).keep("c1", name, b"\x00\x00\x00\x18ftypheic\x00")


async def test_picture_has_a_thumbnail_and_a_document_has_none(tmp_path: Path) -> None:
    files = Files(tmp_path)
    shown, paper = (
        await files.keep("c1", "a.jpg", picture("JPEG", (900, 900))),
        await files.keep("c1", "a.pdf", b"%PDF-1"),
    )
    found = [await files.find("c1", one.id) for one in (shown, paper)]
    sizes = [one[1].small.size() - one[1].size() for one in found if one]
    assert sizes[0] < 0
    assert sizes[1] == 0
    await files.drop("c1", shown)
    assert sorted(path.suffix for path in (tmp_path / "c1").iterdir()) == ["", ".json", ".key"]


async def test_all_files_together_have_a_quota(tmp_path: Path) -> None:
    files = Files(tmp_path, quota_bytes=25)
    await files.keep("c1", "a.pdf", b"%PDF-12345")
    await files.keep("c2", "a.pdf", b"%PDF-12345")
    with pytest.raises(DiskLow):
        await files.keep("c3", "a.pdf", b"%PDF-12345")
    with pytest.raises(DiskLow):  # another process, which measures what it finds
        await Files(tmp_path, quota_bytes=25).keep("c3", "a.pdf", b"%PDF-12345")
    assert not (tmp_path / "c3").exists()


async def test_oversized_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileTooBig):
        await Files(tmp_path).keep("c1", "a.png", PNG + bytes(MAX_FILE_BYTES))


@pytest.mark.parametrize(("conversation", "file_id"), [("..", "0" * 32), ("c1", "../" + "0" * 29), ("c1", "")])
async def test_no_path_leads_out_of_the_folder(tmp_path: Path, conversation: str, file_id: str) -> None:
    assert await Files(tmp_path).find(conversation, file_id) is None


async def test_folder_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    await Files(tmp_path / "files").keep("c1", "a.png", PNG)
    assert (tmp_path / "files").stat().st_mode & 0o077 == 0


async def test_folder_that_is_deleted_while_empty_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, writing = Files(tmp_path), FolderKeys.writing

    def interrupted(keys: FolderKeys, folder: Path) -> AbstractContextManager[ConversationCipher]:
        monkeypatch.setattr(FolderKeys, "writing", writing)
        assert files._forget_older(0) == 0
        return writing(keys, folder)

    monkeypatch.setattr(FolderKeys, "writing", interrupted)
    kept = await files.keep("c1", "a.pdf", TAKEN["a.pdf"])
    assert await files.read("c1", kept.id) == TAKEN["a.pdf"]


async def test_file_that_is_gone_meanwhile_stops_no_deletion(tmp_path: Path) -> None:
    files = Files(tmp_path)
    await files.keep("c2", "a.pdf", TAKEN["a.pdf"])
    (tmp_path / "c1").mkdir()
    (tmp_path / "c1" / "gone").symlink_to(tmp_path / "gone")  # listed, but not found
    assert await files.forget_older(time.time() + 60) == 1
    assert sorted(os.listdir(tmp_path)) == ["c1"]


async def test_folder_that_gets_a_file_meanwhile_stops_no_deletion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, remove = Files(tmp_path), Path.rmdir
    for name in ("c1", "c2"):
        (tmp_path / name).mkdir()

    def late(folder: Path) -> None:
        if folder.name == "c1":
            (folder / "new").touch()
        remove(folder)

    monkeypatch.setattr(Path, "rmdir", late)
    assert await files.forget_older(0) == 0
    assert os.listdir(tmp_path) == ["c1"]


async def test_old_files_are_deleted_and_new_ones_stay(tmp_path: Path) -> None:
    files = Files(tmp_path)
    old, new = await files.keep("c1", "a.png", PNG), await files.keep("c2", "b.png", PNG)
    for path in (tmp_path / "c1").iterdir():
        os.utime(path, (1000, 1000))
    assert await files.forget_older(2000) == 1
    assert await files.find("c1", old.id) is None
    assert await files.find("c2", new.id) is not None
    assert os.listdir(tmp_path) == ["c2"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ('ced"ula\r\n<b>.png', "cedulab.png"),
        (r"C:\fotos\año 1.jpg", "año 1.jpg"),
        (".pdf", "pdf"),
        ("x" * 300 + ".pdf", "x" * 80 + ".pdf"),
    ],
)
def test_file_names_are_sanitized(given: str, kept: str) -> None:
    assert harmless_name(given) == kept


def test_sizes_are_formatted_as_text() -> None:
    assert [size_in_words(one) for one in (10, 120_400, 1_449_000)] == ["1 KB", "120 KB", "1,4 MB"]
