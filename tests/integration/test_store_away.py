"""Tests that an unreachable or full store costs a warning and a retry, and never an error with a traceback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.agency.model import Agency
from bot.conversation.inbox import Inbox
from bot.handoff.alarms.alarms import Alarms
from bot.spikes.watch import SpikeWatch
from bot.store import keys
from bot.tickets.outbox import Outbox
from bot.turns.turns import Turns
from tests.eventually import eventually
from tests.integration.sender_process import SENT, SlowProvider
from tests.integration.sending import answer, sending_with, until_sent
from tests.integration.sweeper_world import ANA, World
from tests.integration.working import answers, retry_quickly, send, until_idle, working
from tests.no_record import mailbox_of

AWAY: tuple[Exception, ...] = (
    RedisConnectionError("away"),
    OutOfMemoryError("command not allowed"),
    OperationalError("SELECT", {}, Exception("away")),
    OSError("No space left on device"),
)
every_store = pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    retry_quickly(monkeypatch)


@asynccontextmanager
async def full(redis: Redis) -> AsyncIterator[None]:
    """Makes Valkey refuse every command that needs memory."""
    await redis.config_set("maxmemory", 1)
    try:
        yield
    finally:
        await redis.config_set("maxmemory", 0)


def fails_once(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, error: Exception) -> None:
    """Makes the first call of a method raise ``error``."""
    method: Callable[..., Awaitable[Any]] = getattr(owner, name)
    errors: Iterator[Exception] = iter([error])

    async def failing(*args: Any, **named: Any) -> Any:
        if first := next(errors, None):
            raise first
        return await method(*args, **named)

    monkeypatch.setattr(owner, name, failing)


def levels(logs: list[Any]) -> set[str]:
    return {one["log_level"] for one in logs} - {"info", "debug"}


async def test_sweep_that_finds_valkey_full_ends_without_an_error_and_the_next_goes_on(
    redis: Redis, agency: Agency
) -> None:
    world = World(redis, agency)
    await world.attended()
    await redis.delete(keys.agent_key(ANA.id))
    with capture_logs() as logs:
        async with full(redis):
            with pytest.raises(OutOfMemoryError):
                await world.sweeper.sweep()
        assert await world.tickets.waiting() == []
        await world.sweeper.sweep()
    assert levels(logs) == set()
    assert len(await world.tickets.waiting()) == 1


@every_store
async def test_turn_is_retried(redis: Redis, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    fails_once(monkeypatch, Inbox, "look", error)
    inbox = mailbox_of(redis)
    with capture_logs() as logs:
        async with working(redis):
            await send(inbox, "c1", 1)
            await until_idle(redis)
    assert await answers(inbox, "c1") == ["re: ¿pregunta 1?"]
    assert levels(logs) == {"warning"}


@every_store
async def test_decision_is_retried_or_handed_off(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    fails_once(monkeypatch, Turns, "take", error)
    inbox = mailbox_of(redis)
    with capture_logs() as logs:
        async with working(redis):
            await send(inbox, "c1", 1)
            await until_idle(redis)
    of_redis = isinstance(error, (RedisConnectionError, OutOfMemoryError))
    assert ("problema" in (await answers(inbox, "c1"))[-1]) is not of_redis  # the record may be away for hours
    if of_redis:
        assert await answers(inbox, "c1") == ["re: ¿pregunta 1?"]
    assert levels(logs) == {"warning"}


@every_store
async def test_answer_is_sent_later(redis: Redis, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    fails_once(monkeypatch, Outbox, "oldest", error)
    with capture_logs() as logs:
        await answer(redis, "c1", "hola")
        async with sending_with(redis, SlowProvider(redis)):
            await until_sent(redis)
    assert await redis.lrange(SENT, 0, -1) == ["c1:hola"]
    assert levels(logs) == {"warning"}


@every_store
@pytest.mark.parametrize(("watch", "step"), [(Alarms, "send_due"), (SpikeWatch, "look")])
async def test_watch_goes_on(
    monkeypatch: pytest.MonkeyPatch, watch: type[Alarms | SpikeWatch], step: str, error: Exception
) -> None:
    fails_once(monkeypatch, watch, step, error)
    with capture_logs() as logs:
        made = watch.__new__(watch)
        vars(made)["_has_room"] = lambda: True
        task = asyncio.create_task(made.run())
        await eventually(lambda: logs)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert levels(logs[:1]) == {"warning"}
    assert logs[0]["event"].endswith("store unavailable, retrying")
