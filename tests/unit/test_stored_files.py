"""Tests that processes encrypt older files while others send and erase files, and that none is lost or returns."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.conversation.file_encryption.folder_keys import KEY, FolderKeys
from bot.conversation.file_encryption.stored_files import encrypt_all
from bot.conversation.files import Files
from bot.core.disk import always
from bot.core.errors.files import DiskLow
from bot.core.secrets.encryption import MasterKeys
from bot.privacy import renewal
from tests.eventually import eventually

MASTER = "m" * 40
MASTERS = MasterKeys(MASTER)
PDF = b"%PDF-1.7 xylofonito"
PROGRAM = """
import sys, time
from pathlib import Path
from bot.conversation.file_encryption.folder_keys import FolderKeys
from bot.conversation.file_encryption.stored_files import encrypt_all
from bot.core.secrets.encryption import MasterKeys
print("ready", flush=True)
sys.stdin.readline()
print(encrypt_all(Path(sys.argv[1]), FolderKeys(MasterKeys(sys.argv[2])), lambda: True)[0])
"""


def older(root: Path, folder: str, number: int, content: bytes = PDF) -> str:
    """Stores a file as an older release did, unencrypted, and returns its id."""
    id = f"{number:032x}"
    (root / folder).mkdir(exist_ok=True)
    (root / folder / id).write_bytes(content)
    facts = {"id": id, "name": "a.pdf", "type": "application/pdf", "size": len(content)}
    (root / folder / f"{id}.json").write_text(json.dumps(facts))
    return id


@asynccontextmanager
async def encrypting_all_the_time(root: Path) -> AsyncIterator[None]:
    """Encrypts older files in a thread, repeatedly, during the block."""
    ended = False

    def work() -> None:
        while not ended:
            encrypt_all(root, FolderKeys(MASTERS), always)

    running = asyncio.create_task(asyncio.to_thread(work))
    try:
        yield
    finally:
        ended = True
        await running


def encrypted_by_processes(root: Path, count: int) -> int:
    """Encrypts the files in ``count`` processes that begin together; returns the total number of encrypted files."""
    command, pipe = [sys.executable, "-c", PROGRAM, str(root), MASTER], subprocess.PIPE
    workers = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(count)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    return sum(int(worker.communicate()[0]) for worker in workers)


def in_folder(root: Path) -> list[Path]:
    return sorted(root.rglob("*"))


async def test_processes_that_encrypt_together_lose_no_file(tmp_path: Path) -> None:
    files = Files(tmp_path, masters=MASTERS)
    ids = [older(tmp_path, "c1", number, PDF + bytes(number)) for number in range(200)]
    done = await asyncio.to_thread(encrypted_by_processes, tmp_path, 3)
    assert done == 2 * len(ids)  # each once
    assert [number for number, id in enumerate(ids) if await files.read("c1", id) != PDF + bytes(number)] == []


async def test_file_that_is_sent_while_older_ones_are_encrypted_is_not_touched(tmp_path: Path) -> None:
    files = Files(tmp_path, masters=MASTERS)
    async with encrypting_all_the_time(tmp_path):
        sent = [await files.keep("c1", "a.pdf", PDF + bytes(number * 5000)) for number in range(60)]
    lost = [number for number, one in enumerate(sent) if await files.read("c1", one.id) != PDF + bytes(number * 5000)]
    assert lost == []


async def test_erased_file_does_not_come_back_from_a_running_encryption(tmp_path: Path) -> None:
    files = Files(tmp_path, masters=MASTERS)
    async with encrypting_all_the_time(tmp_path):
        for number in range(30):
            for file in range(5):
                older(tmp_path, f"c{number}", file, PDF + bytes(100_000))
            await files.erase(f"c{number}")
    assert os.listdir(tmp_path) == []
    await files.erase("c1")  # may be repeated


async def test_erasure_deletes_the_key_first_and_reports_what_remains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, unlink = Files(tmp_path, masters=MASTERS), Path.unlink
    kept = await files.keep("c1", "a.pdf", PDF)

    def failing(path: Path, *, missing_ok: bool = False) -> None:
        if path.name != KEY:
            raise PermissionError(path)
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", failing)
        with pytest.raises(PermissionError):
            await files.erase("c1")
    assert await files.read("c1", kept.id) is None
    await files.erase("c1")
    assert os.listdir(tmp_path) == []


async def test_half_written_files_are_deleted(tmp_path: Path) -> None:
    files = Files(tmp_path, masters=MASTERS)
    kept, other = [await files.keep("c1", "a.pdf", PDF) for _ in range(2)]
    left = [tmp_path / "c1" / f"{one.id}{end}.new" for one in (kept, other) for end in ("", ".json", ".small")]
    for path in left:
        path.write_bytes(PDF)
    await files.drop("c1", kept)
    assert [path.exists() for path in left] == [False] * 3 + [True] * 3
    assert await files.encrypt_older() == (0, 0)
    assert not any(path.exists() for path in left)


async def test_empty_file_is_left_alone_and_a_deleted_one_makes_no_key(tmp_path: Path) -> None:
    files = Files(tmp_path, masters=MASTERS)
    id = older(tmp_path, "c1", 1, b"")
    (tmp_path / "c1" / f"{id}.json").write_bytes(b"")
    (tmp_path / "c1" / "gone").symlink_to(tmp_path / "nothing")
    assert await files.encrypt_older() == (0, 0)
    assert not (tmp_path / "c1" / KEY).exists()
    assert await files.find("c1", id) is None


async def test_without_room_older_files_wait(tmp_path: Path) -> None:
    id = older(tmp_path, "c1", 1)
    assert await Files(tmp_path, lambda: False, masters=MASTERS).encrypt_older() == (0, 2)
    assert (tmp_path / "c1" / id).read_bytes() == PDF
    assert await Files(tmp_path, masters=MASTERS).encrypt_older() == (2, 0)


async def test_full_disk_leaves_the_older_file_and_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, sync = Files(tmp_path, masters=MASTERS), os.fsync
    for folder in ("c1", "c2"):
        older(tmp_path, folder, 1)
        assert (await files.keep(folder, "key.pdf", PDF)).size == len(PDF)
    calls = 0

    def full(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError(errno.ENOSPC, "full")
        sync(handle)

    monkeypatch.setattr(os, "fsync", full)
    assert await files.encrypt_older() == (2, 1)  # the second folder goes on
    assert [path for path in in_folder(tmp_path) if path.suffix == ".new"] == []
    assert [await files.read(folder, f"{1:032x}") for folder in ("c1", "c2")] == [PDF, PDF]
    calls = 0
    before = in_folder(tmp_path)
    with pytest.raises(DiskLow):
        await files.keep("c1", "b.pdf", PDF)
    assert in_folder(tmp_path) == before


async def test_search_for_older_files_ends_when_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "FIRST_S", 0)
    monkeypatch.setattr(renewal, "EVERY_S", 0)
    files, encrypt, found = Files(tmp_path, masters=MASTERS), Files.encrypt_older, []
    older(tmp_path, "c1", 1)

    async def counted(one: Files) -> tuple[int, int]:
        found.append(await encrypt(one))
        return found[-1]

    monkeypatch.setattr(Files, "encrypt_older", counted)
    running = asyncio.create_task(renewal.renew_forever(None, MASTER, [files]))  # type: ignore[arg-type]
    await eventually(lambda: len(found) == 2)
    for _ in range(20):
        await asyncio.sleep(0)
    running.cancel()
    assert found == [(2, 0), (0, 0)]


async def test_file_system_without_hard_links_keeps_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")  # exFAT; such a file system cannot be mounted here

    monkeypatch.setattr(os, "link", refused)
    first = await Files(tmp_path, masters=MASTERS).keep("c1", "a.pdf", PDF)
    second = await Files(tmp_path, masters=MASTERS).keep("c1", "b.pdf", PDF)
    read = Files(tmp_path, masters=MASTERS).read
    assert [await read("c1", one.id) for one in (first, second)] == [PDF, PDF]
    assert len((tmp_path / "c1" / KEY).read_bytes().splitlines()) == 1
    assert sorted(path.suffix for path in (tmp_path / "c1").iterdir()) == ["", "", ".json", ".json", ".key"]


async def test_key_that_a_crash_left_empty_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "c1").mkdir()
    (tmp_path / "c1" / KEY).touch()
    kept = await Files(tmp_path, masters=MASTERS).keep("c1", "a.pdf", PDF)
    assert await Files(tmp_path, masters=MASTERS).read("c1", kept.id) == PDF
