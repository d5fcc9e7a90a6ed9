"""Tests that stored files are encrypted with a key of their folder, and that nothing is readable without it."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.conversation.file_encryption import folder_keys
from bot.conversation.file_encryption.encrypted_file import CHUNK_BYTES, EncryptedFile, FileUnreadable
from bot.conversation.file_encryption.folder_keys import KEY, FolderKeys, count_older
from bot.conversation.files import Files, KeptFile
from bot.core.secrets.encryption import MasterKeys
from tests.pictures import picture

PDF = b"%PDF-1.7 xylofonito"
MASTERS = MasterKeys("m" * 40)


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_neither_content_nor_thumbnail_nor_name_is_on_disk(tmp_path: Path) -> None:
    files = Files(tmp_path, masters=MASTERS)
    kept = [await files.keep("c1", "xylofonito.pdf", PDF), await files.keep("c1", "carnet.jpg", picture("JPEG"))]
    stored = on_disk(tmp_path)
    assert [word for word in (b"xylofonito", b"carnet", b"%PDF", b"\xff\xd8\xff") if word in stored] == []
    again = Files(tmp_path, masters=MASTERS)  # another process
    assert await again.read("c1", kept[0].id) == PDF
    found = await again.find("c1", kept[1].id)
    assert found is not None
    assert (found[0], found[1].small.read()[:3]) == (kept[1], b"\xff\xd8\xff")


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
async def test_file_is_read_in_chunks_of_known_size(tmp_path: Path, size: int) -> None:
    files, content = Files(tmp_path), b"%PDF-" + os.urandom(size)
    kept = await files.keep("c1", "a.pdf", content)
    found = await files.find("c1", kept.id)
    assert found is not None
    pieces = list(found[1].chunks())
    assert b"".join(pieces) == content
    assert max(len(piece) for piece in pieces) <= CHUNK_BYTES
    assert found[1].size() == kept.size == len(content)


async def test_cut_renamed_or_moved_file_is_unreadable(tmp_path: Path) -> None:
    files = Files(tmp_path)
    kept = await files.keep("c1", "a.pdf", PDF + bytes(2 * CHUNK_BYTES))
    other = await files.keep("c2", "a.pdf", PDF)
    found, stored = await files.find("c1", kept.id), (tmp_path / "c1" / kept.id).read_bytes()
    assert found is not None
    path, ciphers = found[1].path, found[1].ciphers
    renamed = path.with_name("0" * 32)
    renamed.write_bytes(stored)
    moved = tmp_path / "c2" / kept.id
    moved.write_bytes(stored)
    path.write_bytes(stored[: len(stored) - 2 * CHUNK_BYTES // 2])
    of_c2 = await files.find("c2", other.id)
    assert of_c2 is not None
    for one in (EncryptedFile(path, ciphers), EncryptedFile(renamed, ciphers), EncryptedFile(moved, of_c2[1].ciphers)):
        with pytest.raises(FileUnreadable):
            one.read()


async def test_copy_of_a_file_cannot_be_read_once_its_key_is_deleted(tmp_path: Path) -> None:
    files = Files(tmp_path, masters=MASTERS)
    kept = await files.keep("c1", "a.pdf", PDF)
    (tmp_path / "c1" / KEY).unlink()
    assert await files.find("c1", kept.id) is None
    assert await files.read("c1", kept.id) is None


async def test_rotation_wraps_the_keys_again_and_touches_no_file(tmp_path: Path) -> None:
    kept = await Files(tmp_path, masters=MASTERS).keep("c1", "a.pdf", PDF)
    before = (tmp_path / "c1" / kept.id).read_bytes()
    rotated = MasterKeys("n" * 40, "m" * 40)
    assert count_older(tmp_path, FolderKeys(rotated)) == 1
    assert await Files(tmp_path, masters=rotated).rewrap() == (1, 0)
    assert (tmp_path / "c1" / kept.id).read_bytes() == before
    assert await Files(tmp_path, masters=MasterKeys("n" * 40)).read("c1", kept.id) == PDF
    assert await Files(tmp_path, masters=MasterKeys("x" * 40)).rewrap() == (0, 1)


async def test_without_the_master_old_files_are_gone_and_new_ones_get_a_second_key(tmp_path: Path) -> None:
    old = await Files(tmp_path, masters=MASTERS).keep("c1", "a.pdf", PDF)
    other = Files(tmp_path, masters=MasterKeys("x" * 40))
    new = await other.keep("c1", "b.pdf", PDF)
    assert (await other.read("c1", old.id), await other.read("c1", new.id)) == (None, PDF)
    assert await Files(tmp_path, masters=MasterKeys("x" * 40, "m" * 40)).read("c1", old.id) == PDF


async def test_unencrypted_file_of_an_older_release_is_read_and_then_encrypted(tmp_path: Path) -> None:
    files, id, folder = Files(tmp_path, masters=MASTERS), "0" * 32, tmp_path / "c1"
    folder.mkdir()
    (folder / id).write_bytes(PDF)
    (folder / f"{id}.json").write_text(json.dumps({"id": id, "name": "a.pdf", "type": "x/y", "size": len(PDF)}))
    for path in folder.iterdir():
        os.utime(path, (1000, 1000))
    assert await files.read("c1", id) == PDF
    assert (await files.encrypt_older(), await files.encrypt_older()) == ((2, 0), (0, 0))
    assert b"xylofonito" not in on_disk(tmp_path)
    found = await files.find("c1", id)
    assert found is not None
    assert (found[0], found[1].read()) == (KeptFile(id, "a.pdf", "x/y", len(PDF)), PDF)
    assert await files.forget_older(2000) == 1  # its term is that of the older file


async def test_key_stays_as_long_as_a_file_and_then_goes(tmp_path: Path) -> None:
    files = Files(tmp_path, masters=MASTERS)
    first = await files.keep("c1", "a.pdf", PDF)
    os.utime(tmp_path / "c1" / KEY, (1000, 1000))
    assert await files.forget_older(2000) == 0
    assert await files.read("c1", first.id) == PDF
    assert await files.forget_older(time.time() + 60) == 1
    assert os.listdir(tmp_path) == []


def test_processes_that_begin_together_agree_on_one_key(tmp_path: Path) -> None:
    def id_of(_number: int) -> str:
        with FolderKeys(MASTERS).writing(tmp_path) as cipher:
            return cipher.id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(id_of, range(8)))) == 1


def test_machines_that_do_not_know_each_others_lock_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: FolderKeys(MASTERS).cipher(tmp_path).id, range(8)))
    assert len(set(made)) == 1
    assert os.listdir(tmp_path) == [KEY]


@pytest.mark.parametrize("damaged", [b"", "ñandú\n".encode("latin-1"), b"a b\n", b"\xff\x00 b c"])
async def test_damaged_key_stops_nobody_and_stays_as_it_is(tmp_path: Path, damaged: bytes) -> None:
    files = Files(tmp_path, masters=MASTERS)
    (tmp_path / "c1").mkdir()
    (tmp_path / "c1" / KEY).write_bytes(damaged)
    kept = await files.keep("c1", "a.pdf", PDF)
    rotated = Files(tmp_path, masters=MasterKeys("n" * 40, "m" * 40))
    assert (await rotated.count_older(), await rotated.rewrap(), await rotated.count_older()) == (1, (1, 0), 0)
    assert await rotated.read("c1", kept.id) == PDF
    assert (tmp_path / "c1" / KEY).read_bytes().startswith(damaged)


async def test_key_that_cannot_be_read_stops_no_other_folder(tmp_path: Path) -> None:
    await Files(tmp_path, masters=MASTERS).keep("c2", "a.pdf", PDF)
    for name in ("c1", "c3"):
        (tmp_path / name / KEY).mkdir(parents=True)
    assert await Files(tmp_path, masters=MasterKeys("n" * 40, "m" * 40)).rewrap() == (1, 2)


async def test_folder_that_is_deleted_meanwhile_stops_no_rewrapping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Files(tmp_path, masters=MASTERS)
    await files.keep("c1", "a.pdf", PDF)
    listed = [tmp_path / "gone", tmp_path / "c1"]
    monkeypatch.setattr(folder_keys, "folders_in", lambda _root: listed)
    assert await Files(tmp_path, masters=MasterKeys("n" * 40, "m" * 40)).rewrap() == (1, 0)
