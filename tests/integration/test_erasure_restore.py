"""Tests that a restored backup does not bring back citizens erased after it was made, and the commands of erasure."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from uuid import UUID

import pytest
from redis.asyncio import Redis

from bot.backup import restore as restoring
from bot.conversation.change import Change
from bot.conversation.files import COMPLAINT_FILES, FILES_FOLDER, Files
from bot.core.messages import Channel, CitizenMessage, Reply, Speaker
from bot.handoff.complaints.photos import folder_of
from bot.privacy.removals import Remover
from bot.record.engine import Sessions
from bot.store import keys
from bot.store.client import open_redis
from tests.integration.backups import Installed, installed, stores_of
from tests.integration.complaints import filed
from tests.no_record import mailbox_of
from tests.privacy_world import MARK, NAME, all_keys, everything, places
from tests.recording import recording, until_recorded
from tests.transcripts import MASTERS, SECRET

PDF = b"%PDF-1.4 x"
ANOTHER, THIRD = "f" * 32, "e" * 32


@pytest.fixture
def system(tmp_path: Path, redis_url: str, database_url: str) -> Installed:
    return installed(tmp_path / "source", redis_url, database_url)


async def say_as(redis: Redis, database: Sessions, name: str, words: str) -> None:
    await redis.set(keys.RESTORED, "1")
    inbox, message = mailbox_of(redis), CitizenMessage(name, Channel.WEB, "m-1", words, at=0)
    await inbox.accept(message)
    await inbox.commit([message], (Reply("hola"),), speaker=Speaker.ASSISTANT, change=Change())
    async with recording(redis, database):
        await until_recorded(redis)


async def run(system: Installed, *words: str, fails: bool = False) -> str:
    code, told = await asyncio.to_thread(system.run, "data", *words)
    assert code == fails, told
    return told


async def test_commands_export_and_erase_and_a_restored_backup_is_erased_again(
    system: Installed, redis: Redis, database: Sessions, tmp_path: Path
) -> None:
    await say_as(redis, database, NAME, f"me llamo {MARK}")
    await say_as(redis, database, ANOTHER, "otra persona")
    await say_as(redis, database, THIRD, f"soy {MARK}")
    complaint = await filed(redis, database, mailbox_of(redis), NAME, what=f"reclama {MARK}")
    await filed(redis, database, mailbox_of(redis), THIRD, number="180-611", what="queda")
    path, exported = tmp_path / "backup.age", tmp_path / "data.json"
    files, photos = (Files(system.home / folder, masters=MASTERS) for folder in (FILES_FOLDER, COMPLAINT_FILES))
    kept, damaged = [await files.keep(NAME, name, PDF) for name in ("carnet.pdf", "dañado.pdf")]
    (files.folder / NAME / damaged.id).write_bytes(b"")
    photo = await photos.keep(folder_of(complaint.id), "hoyo.pdf", PDF + b"photo")
    await asyncio.to_thread(system.back_up, path)

    (removed,) = [one.id for one in await mailbox_of(redis).events(ANOTHER) if one.text == "otra persona"]
    data = places(redis, database, "", system.home).data
    await data.removals.begin(ANOTHER, removed, Remover(UUID(int=7), "Ana"))
    listed = await run(system, "export", NAME, str(exported))
    beside = {path.name: path.read_bytes() for path in (tmp_path / "data.json.archivos").iterdir()}
    assert "Ya existe la carpeta" in await run(system, "export", NAME, str(exported), fails=True)
    assert beside == {f"{kept.id[:8]}-carnet.pdf": PDF, f"{photo.id[:8]}-hoyo.pdf": PDF + b"photo"}
    assert "no se pueden leer: 1" in listed
    told = await run(system, "erase", NAME, "--si", "--reclamos")
    await run(system, "erase", THIRD, "--si")

    assert f"me llamo {MARK}" in [row["text"] for row in json.loads(exported.read_text())["record"]["messages"]]
    assert "Comprobante para la persona: D-" in told
    await asyncio.to_thread(system.back_up, tmp_path / "newer.age")  # leaves the list beside the backups

    home, lines = tmp_path / "new" / "home", list[str]()
    await asyncio.to_thread(restoring.restore, system.empty_settings(home), system.request(path), lines.append)
    assert "✓ Borradas de nuevo las conversaciones que se borraron después de este respaldo: 2" in lines
    assert (home / "erasures.txt").exists()
    with stores_of(home) as (redis_url, record):
        again = open_redis(redis_url, SECRET)
        left = await everything(record) + await all_keys(again)
        await again.aclose()
    assert f'({ANOTHER},{removed},"' in left  # noted for the bot, which removes it when it starts
    assert MARK not in left
    assert ANOTHER in left
    assert "queda" in left  # the complaint stays unless its erasure was asked for, too
