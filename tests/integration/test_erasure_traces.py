"""Tests that none of over 40 kinds of traces of a citizen is left in a store, a file, a log or a copy."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from bot.conversation.file_encryption.folder_keys import KEY
from bot.conversation.files import Files
from bot.privacy.erasures import By
from bot.record.engine import Sessions
from bot.store import keys
from tests.eventually import eventually
from tests.integration.traces import NAMES, plant_everywhere
from tests.privacy_world import MARK, NAME, forget_trackers, places
from tests.transcripts import MASTERS, in_clear
from tests.valkey_file import file_of

KINDS = 40
COPY = "CREATE TABLE copied AS SELECT * FROM messages"
RESTORE = (
    "INSERT INTO conversations (id, channel, started_at, last_at) VALUES (:name, 'web', now(), now())",
    "INSERT INTO messages SELECT * FROM copied WHERE conversation_id = :name",
    "DROP TABLE copied",
)


async def test_none_of_forty_kinds_of_traces_is_left_anywhere(
    redis: Redis,
    valkey_folder: Path,
    database: Sessions,
    database_url: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    await redis.set(keys.RESTORED, "1")
    world = places(redis, database, database_url, tmp_path)
    traces = await plant_everywhere(world)
    await forget_unread(redis)
    assert len(traces.words) >= KINDS
    assert traces.words.keys() - await traces.seen() == set()
    assert MARK.encode() in file_of(valkey_folder)
    capfd.readouterr()

    for name in NAMES.values():
        await world.data.erase(name, f"D-{name[:8]}", By.STAFF, complaints=True)

    assert await traces.seen() == set()
    assert {name for name in NAMES.values() if name in await traces.everywhere()} == set()
    assert files_in(tmp_path) == ["erasures.txt"]
    assert MARK not in "".join(capfd.readouterr())

    async def rewritten() -> bool:
        await world.data.stored.file.rewrite_if_due()
        return MARK.encode() not in file_of(valkey_folder)

    await eventually(rewritten)
    await forget_trackers(database_url)


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


async def forget_unread(redis: Redis) -> None:
    """Empties the outboxes, because a conversation with unsent messages is not erased yet."""
    for name in NAMES.values():
        await redis.delete(keys.outbox_key(name))


async def test_copy_of_rows_and_files_from_before_cannot_be_read_without_the_deleted_keys(
    redis: Redis, database: Sessions, database_url: str, tmp_path: Path
) -> None:
    await redis.set(keys.RESTORED, "1")
    world = places(redis, database, database_url, tmp_path)
    traces = await plant_everywhere(world)
    await forget_unread(redis)
    words = [word for kind, word in traces.words.items() if kind.endswith(": message")]
    async with database.begin() as session:
        await session.execute(text(COPY))
    files, folder = world.data._files, tmp_path / "files" / NAME
    stored = {path.name: path.read_bytes() for path in folder.iterdir()}
    ids = [path.stem for path in folder.glob("*.json")]
    before = [await files.read(NAME, id) for id in ids]
    assert before
    assert None not in before
    await world.data.erase(NAME, "D-1", By.STAFF, complaints=True)
    async with database.begin() as session:
        for statement in RESTORE:
            await session.execute(text(statement), {"name": NAME} if ":name" in statement else {})
    assert words[0] not in await in_clear(database_url)
    assert not folder.exists()
    folder.mkdir()
    for file, content in stored.items():
        (folder / file).write_bytes(content)
    assert [await files.read(NAME, id) for id in ids] == before  # the key is in the copy, and the master key is known
    assert [await Files(files.folder, masters=MASTERS).read(NAME, id) for id in ids] == [None] * len(ids)
    (folder / KEY).unlink()
    assert [await files.read(NAME, id) for id in ids] == [None] * len(ids)
    await forget_trackers(database_url)
