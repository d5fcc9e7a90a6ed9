"""Tests that a connection that closes at the wrong moment is an error of Redis, and that commands can be cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
import redis as library
import uvloop
from redis.exceptions import RedisError

from bot.store.client import CONNECTION_CLASSES, open_redis

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "uvloop": uvloop.new_event_loop,
    "asyncio": asyncio.new_event_loop,
}


async def write_on_a_closed_connection(url: str) -> None:
    redis = open_redis(url)
    try:
        await redis.set("test", "before")
        [connection] = redis.connection_pool._available_connections
        connection._writer.transport.abort()
        await asyncio.sleep(0)  # the transport closes, and redis-py does not know
        await redis.set("test", "after")
        assert await redis.get("test") == "after"
    finally:
        await redis.aclose()


@pytest.mark.parametrize("loop", LOOPS)
def test_command_on_a_connection_that_was_just_closed_is_sent_again(loop: str, redis_url: str) -> None:
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(write_on_a_closed_connection(redis_url))


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_connections_with_and_without_tls_use_our_classes(scheme: str) -> None:
    pool = open_redis(f"{scheme}://localhost:1").connection_pool
    assert pool.connection_class in CONNECTION_CLASSES.values()


async def test_connection_whose_end_is_not_confirmed_is_closed_all_the_same(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis = open_redis(redis_url)
    await redis.ping()
    [connection] = redis.connection_pool._available_connections
    monkeypatch.setattr(connection, "socket_connect_timeout", 0.01)
    monkeypatch.setattr(connection._writer, "wait_closed", lambda: asyncio.sleep(60))
    await redis.aclose()
    assert not connection.is_connected


@pytest.mark.parametrize("steps", range(12))
async def test_command_can_be_cancelled_at_each_step(redis_url: str, steps: int) -> None:
    redis = open_redis(redis_url)
    await redis.ping()
    command = asyncio.create_task(redis.blpop(["test:empty"], timeout=5))
    for _ in range(steps):
        await asyncio.sleep(0)
    command.cancel()
    with pytest.raises(asyncio.CancelledError):
        await command
    assert await redis.ping()
    await redis.aclose()


@pytest.mark.parametrize("connected", [True, False])
@pytest.mark.parametrize("steps", range(12))
async def test_closed_client_leaves_no_connection_open(redis_url: str, steps: int, connected: bool) -> None:
    client = open_redis(redis_url)
    if connected:
        await client.ping()
    command = asyncio.create_task(client.blpop(["test:empty"], timeout=5))
    for _ in range(steps):
        await asyncio.sleep(0)
    await client.aclose()
    with pytest.raises(RedisError):
        await command
    assert not [one for one in client.connection_pool._available_connections if one.is_connected]


async def test_connection_sends_the_version_of_its_library_without_reading_files(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read() -> str:
        raise AssertionError

    monkeypatch.setattr("redis.utils.get_lib_version", read)
    client = open_redis(redis_url)
    assert (await client.client_info())["lib-ver"] == library.__version__
    await client.aclose()
