"""Tests that deleted values leave Redis's append-only file although a rewrite is refused, fails or is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from bot.store import append_only_file, keys
from bot.store.accounts import BOT
from bot.store.append_only_file import AppendOnlyFile
from bot.store.client import open_redis
from tests.eventually import eventually
from tests.shared import PASSWORD
from tests.valkey_file import file_of

WORD, KEPT = "palabra-borrada-7183", "palabra-que-queda-2290"
LONG_US = 50_000  # of each key, so that a rewrite lasts until something else happened
FOREVER_US = 600_000_000


@pytest_asyncio.fixture
async def folder(redis: Redis, valkey_folder: Path) -> AsyncIterator[Path]:
    """Yields the server's folder, whose file contains WORD and KEPT; afterwards waits for unfinished rewrites."""
    await redis.mset({"word": WORD, "kept": KEPT, **{f"more-{n}": "x" for n in range(3)}})
    yield valkey_folder
    await redis.config_set("rdb-key-save-delay", 0)
    await eventually(lambda: idle(redis))


async def idle(redis: Redis) -> bool:
    facts = await redis.info("persistence")
    return not facts["aof_rewrite_in_progress"] and not facts["aof_rewrite_scheduled"]


def child_of(process: int) -> int:
    [child] = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return int(child)


async def is_gone(redis: Redis, file: AppendOnlyFile, folder: Path) -> None:
    async def gone() -> bool:
        await file.rewrite_if_due()
        return not await redis.exists(keys.REWRITES_DUE) and WORD.encode() not in file_of(folder)

    await eventually(gone)
    assert KEPT.encode() in file_of(folder)


async def test_value_deleted_during_a_rewrite_leaves_the_file(redis: Redis, folder: Path) -> None:
    await eventually(lambda: idle(redis))
    await redis.config_set("rdb-key-save-delay", LONG_US)
    await redis.bgrewriteaof()
    await redis.config_set("rdb-key-save-delay", 0)
    await redis.delete("word")
    file = AppendOnlyFile(redis)
    await file.note_due()
    await file.rewrite_if_due()  # the rewrite in progress began with the value
    assert await redis.exists(keys.REWRITES_DUE)
    await is_gone(redis, file, folder)


async def test_another_process_goes_on_after_a_failed_rewrite(
    redis: Redis, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(append_only_file, "AGAIN_AFTER_S", 0.0)
    await eventually(lambda: idle(redis))
    await redis.delete("word")
    await redis.config_set("rdb-key-save-delay", FOREVER_US)
    file = AppendOnlyFile(redis)
    await file.note_due()
    await file.rewrite_if_due()
    assert not await idle(redis)
    os.kill(child_of((await redis.info("server"))["process_id"]), signal.SIGKILL)
    await eventually(lambda: idle(redis))
    assert WORD.encode() in file_of(folder)
    await redis.config_set("rdb-key-save-delay", 0)
    await is_gone(redis, AppendOnlyFile(redis), folder)
    assert "append-only file not rewritten" in "".join(capfd.readouterr())


async def test_server_that_restarted_counts_from_its_start(redis: Redis, folder: Path) -> None:
    await redis.delete("word")
    await redis.sadd(keys.REWRITES_DUE, "1000000")
    await is_gone(redis, AppendOnlyFile(redis), folder)


async def test_hidden_state_of_the_server_is_only_logged(
    redis: Redis, redis_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    await redis.execute_command("ACL", "SETUSER", "limited", "on", ">limited", "~*", "+@all", "-info")
    limited = open_redis(redis_url.replace(f"{BOT}:{PASSWORD}@", "limited:limited@"))
    await AppendOnlyFile(limited).note_due()
    await redis.sadd(keys.REWRITES_DUE, "0")
    await AppendOnlyFile(limited).rewrite_if_due()
    assert "".join(capfd.readouterr()).count("append-only file not rewritten") == 2
    await limited.aclose()
    await redis.execute_command("ACL", "DELUSER", "limited")
    await redis.delete(keys.REWRITES_DUE)


async def test_rewrite_that_the_server_refuses_stays_due_and_is_logged_once(
    redis: Redis, redis_url: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    await eventually(lambda: idle(redis))
    await redis.execute_command("ACL", "SETUSER", "limited", "on", ">limited", "~*", "+@all", "-bgrewriteaof")
    limited = open_redis(redis_url.replace(f"{BOT}:{PASSWORD}@", "limited:limited@"))
    file = AppendOnlyFile(limited)
    await redis.delete("word")
    await file.note_due()
    for _ in range(2):
        await file.rewrite_if_due()
    assert "".join(capfd.readouterr()).count("append-only file not rewritten") == 1
    assert await redis.exists(keys.REWRITES_DUE)
    await limited.aclose()
    await redis.execute_command("ACL", "DELUSER", "limited")
    await is_gone(redis, AppendOnlyFile(redis), folder)
