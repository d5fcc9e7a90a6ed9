"""Tests that a bot on a nearly full disk answers conversations and emergencies, and stops all that can wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy.exc import OperationalError

from bot.app.services import Services
from bot.app.tasks.spikes import spikes_of
from bot.app.tasks.upkeep import upkeep_of
from bot.app.tasks.worker import worker_of
from bot.core.messages import Channel, CitizenMessage, Reply
from bot.core.settings import ROOT, Settings
from bot.figures.facts.filling import Filling
from bot.figures.publishing import Months
from bot.figures.sampling.drawing import Sampling
from bot.learning.backlog.gathering import Gathering
from bot.store import keys
from tests.integration.working import answers, until_idle

TASKS = {"Filling", "Gathering", "Months", "Sampling", "SpikeWatch"}


@pytest_asyncio.fixture
async def services(redis: Redis, redis_url: str, database_url: str, tmp_path: Path) -> AsyncIterator[Services]:
    """Yields the services of a bot whose disk has less free space than required."""
    settings = Settings(
        VENTANILLA_HOME=tmp_path,
        AGENCY_FILE=ROOT / "agency.yml",
        REDIS_URL=SecretStr(redis_url),
        DATABASE_URL=SecretStr(database_url),
        VENTANILLA_SECRET=SecretStr("s" * 40),
        DISK_FLOOR_MB=1_000_000_000,
    )
    await redis.set(keys.RESTORED, 1)
    made = Services.from_settings(settings)
    yield made
    await made.close()


async def test_conversations_and_emergencies_are_answered_and_others_read_why_not(
    services: Services, redis: Redis
) -> None:
    inbox, say = services.inbox, services.agency.say
    await inbox.open("old", Channel.WEB, Reply("hola"))
    for conversation, text in (("old", "volver"), ("new", "hola"), ("danger", "me quiero matar")):
        await inbox.accept(CitizenMessage(conversation, Channel.WEB, "m1", text, at=0))
    working = asyncio.create_task(worker_of(services).run())
    await until_idle(redis)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert (await answers(inbox, "old"))[-1] == say("vuelve_asistente")
    refusals = [event.text for event in await inbox.events("new") if event.author != "citizen"]
    assert refusals == [say("sin_espacio", telefono=services.agency.phone)]
    assert "*4141" in "".join(await answers(inbox, "danger"))
    assert (services.chat.accepts_new(), services.has_room_for_figures()) == (False, False)


def of(task: Coroutine[Any, Any, None]) -> Any:
    """Closes the coroutine and returns the object whose method it runs, or None for a function."""
    owner = task.cr_frame.f_locals.get("self")  # type: ignore[attr-defined]
    task.close()
    return owner


async def test_tasks_that_count_look_at_the_disk(services: Services) -> None:
    owners = [of(one) for one in (*upkeep_of(services), *(one.run() for one in spikes_of(services)))]
    asking = {type(one).__name__: getattr(one, "has_room", getattr(one, "_has_room", None)) for one in owners}
    assert {name for name, has_room in asking.items() if has_room and not has_room()} == TASKS


async def test_tasks_that_count_write_nothing_without_room(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    class Away:
        """Replaces the record: counts each use, and is unreachable."""

        def __call__(self) -> Any:
            begun.append("used")
            raise OperationalError("", {}, Exception())

        begin = __call__

    async def nothing(*_: object) -> None:
        return None

    monkeypatch.setattr(Sampling, "forget", nothing)
    away: Any = Away()
    tasks = (
        Filling(away, "America/Santiago", str, has_room=lambda: False),
        Months(away, "America/Santiago", 400, has_room=lambda: False),
        Sampling(away, "America/Santiago", has_room=lambda: False),
    )
    running = [asyncio.create_task(one.run()) for one in tasks]
    await asyncio.sleep(0.05)
    assert (begun, [one.done() for one in running]) == ([], [False] * 3)
    for one in running:
        one.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def test_backlog_only_deletes_without_room(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> bool:
        raise AssertionError

    for step in ("_read_some", "_embed_some"):
        monkeypatch.setattr(Gathering, step, refuse)
    await Gathering(database, None, lambda: False).gather(datetime.now(UTC))  # type: ignore[arg-type]
