"""Tests ``/readyz``, which names unreachable parts and fails only if no message could be stored, and ``/healthz``.

``/healthz`` names background tasks that hang.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from bot.app.health import health_router
from bot.app.services import Services
from bot.core.progress import Progress
from bot.core.settings import ROOT, Settings
from bot.run.ports import free_port
from bot.store.client import open_redis
from bot.store.consumer import StreamConsumer
from tests.eventually import eventually


async def never(_conversation: str, _entry: str) -> None:
    raise AssertionError("there is nothing to take")


@pytest.fixture(autouse=True)
def _only_the_web(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "")


async def health(home: Path, redis_url: str, database_url: str) -> tuple[int, dict[str, bool]]:
    """Returns the status and body of ``/readyz`` for a process with these stores and an unreachable Rasa."""
    settings = Settings(
        VENTANILLA_HOME=home,
        AGENCY_FILE=ROOT / "agency.yml",
        REDIS_URL=SecretStr(redis_url),
        DATABASE_URL=SecretStr(database_url),
        RASA_URL=f"http://127.0.0.1:{free_port()}",
        VENTANILLA_SECRET=SecretStr("s" * 40),
        DISK_FLOOR_MB=0,
    )
    services, app = Services.from_settings(settings), FastAPI()
    app.include_router(health_router(services, Progress()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        answer = await client.get("/readyz")
        assert (await client.head("/readyz")).status_code == answer.status_code
    await services.close()
    return answer.status_code, answer.json()


async def test_health_is_ok_without_rasa_while_messages_can_be_stored(
    tmp_path: Path, redis_url: str, database_url: str
) -> None:
    answer = await health(tmp_path, redis_url, database_url)
    assert answer == (
        200,
        {"redis": True, "rasa": False, "postgres": True, "disk": True},
    )


async def test_health_fails_without_redis(tmp_path: Path, database_url: str) -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}"
    answer = await health(tmp_path, nowhere, database_url)
    assert answer == (
        503,
        {"redis": False, "rasa": False, "postgres": True, "disk": True},
    )


async def test_health_is_ok_without_the_record_since_messages_are_stored(
    tmp_path: Path, redis: Any, redis_url: str
) -> None:
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    answer = await health(tmp_path, redis_url, nowhere)
    assert answer == (
        200,
        {"redis": True, "rasa": False, "postgres": False, "disk": True},
    )


async def test_healthz_names_a_late_task() -> None:
    now = 0.0
    progress, app = Progress(clock=lambda: now), FastAPI()
    beat = progress.expect("worker", within_s=60)
    progress.expect("recorder", within_s=60)
    app.include_router(health_router(cast(Services, None), progress))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        now = 50
        beat()
        well = await client.get("/healthz")
        now = 100
        hung, seen = await client.get("/healthz"), await client.head("/healthz")
    assert (well.status_code, well.json()) == (200, {"late": {}})
    assert (hung.status_code, hung.json()) == (503, {"late": {"recorder": 100}})
    assert seen.status_code == 503


async def test_consumer_beats_while_idle_and_without_redis(redis: Any) -> None:
    beats: list[int] = []
    for store in (redis, open_redis(f"redis://127.0.0.1:{free_port()}")):
        beats.clear()
        consumer = StreamConsumer(store, "v:test", "group", drain=never, most=1)
        task = asyncio.create_task(consumer.run(lambda: beats.append(1)))
        await eventually(lambda: len(beats) > 2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_consumer_does_not_beat_while_every_drain_hangs(redis: Any) -> None:
    beats: list[str] = []
    held = asyncio.Event()

    async def hang(_conversation: str, _entry: str) -> None:
        beats.clear()
        held.set()
        await asyncio.Event().wait()

    await redis.xadd("v:test", {"conversation": "c"})
    task = asyncio.create_task(
        StreamConsumer(redis, "v:test", "group", drain=hang, most=1).run(lambda: beats.append(""))
    )
    await held.wait()
    await asyncio.sleep(0)
    beats.clear()
    await asyncio.sleep(1.5)
    assert beats == []
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
