"""What fails for one ticket is logged and fails alone; a store that is away, or being told to stop, ends the whole."""

from __future__ import annotations

import asyncio

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.store.isolation import isolate_errors


async def each(*errors: BaseException | None) -> list[int]:
    """Does a step for each, some of which fail; which of them came to their end."""
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
async def test_one_that_fails_keeps_no_other_from_its_turn_and_is_named_in_the_log(error: Exception) -> None:
    with capture_logs() as logs:
        assert await each(None, error, None) == [0, 2]
    assert [(one["log_level"], one["ticket"]) for one in logs] == [("error", "1")]


@pytest.mark.parametrize(
    "error",
    [
        RedisConnectionError(),
        RedisTimeoutError(),
        OperationalError("SELECT", {}, Exception()),
        ConnectionResetError(),
        TimeoutError(),
        asyncio.CancelledError(),
        KeyboardInterrupt(),
    ],
)
async def test_a_store_that_is_away_or_a_stop_ends_the_whole(error: BaseException) -> None:
    with capture_logs() as logs, pytest.raises(type(error)):
        await each(None, error, None)
    assert logs == []
