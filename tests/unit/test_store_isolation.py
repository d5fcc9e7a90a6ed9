"""Tests that one ticket's failure is logged alone, while an unreachable store or a stop ends the whole run."""

from __future__ import annotations

import asyncio

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError, OutOfMemoryError, ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.store.isolation import isolate_errors


async def each(*errors: BaseException | None) -> list[int]:
    """Runs a step for each item, which raises its error if any; returns the numbers of the finished items."""
    done = []
    for number, error in enumerate(errors):
        async with isolate_errors(ticket=str(number)):
            if error:
                raise error
            done.append(number)
    return done


@pytest.mark.parametrize(
    "error", [KeyError("team"), ValueError(), ResponseError("WRONGTYPE"), AssertionError(), RecursionError()]
)
async def test_failing_item_is_logged_and_stops_no_other(error: Exception) -> None:
    with capture_logs() as logs:
        assert await each(None, error, None) == [0, 2]
    assert [(one["log_level"], one["ticket"]) for one in logs] == [("error", "1")]


@pytest.mark.parametrize(
    "error",
    [
        RedisConnectionError(),
        RedisTimeoutError(),
        OutOfMemoryError("command not allowed when used memory > 'maxmemory'."),
        ReadOnlyError("You can't write against a read only replica."),
        ResponseError("MISCONF Errors writing to the AOF file: No space left on device"),
        NoPermissionError("User ventanilla has no permissions to run the 'get' command"),
        ResponseError("ACL failure in script: User ventanilla has no permissions to run the 'hset' command"),
        OperationalError("SELECT", {}, Exception()),
        ConnectionResetError(),
        TimeoutError(),
        asyncio.CancelledError(),
        KeyboardInterrupt(),
    ],
)
async def test_unreachable_store_or_stop_ends_the_run(error: BaseException) -> None:
    with capture_logs() as logs, pytest.raises(type(error)):
        await each(None, error, None)
    assert logs == []
