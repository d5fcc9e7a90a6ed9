"""Opens the Redis client that a whole process shares."""

from __future__ import annotations

from typing import cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from bot.store.commands import Store as Store

CONNECT_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 10.0  # longer than any BLOCK we use
RETRIES = 3
CONNECTIONS = 64  # more would only wait in Valkey, which runs one command at a time


def open_redis(url: str) -> Store:
    """Returns a client that decodes replies to str and reconnects up to RETRIES times before it raises RedisError.

    A command waits for a free connection, so thousands of browsers that reconnect at the same time are delayed, not
    refused. A command whose reply was lost is sent again. That is safe: accepting a message drops repeats, and
    committing a turn checks the inbox.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        timeout=ANSWER_TIMEOUT_S,
        decode_responses=True,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=ANSWER_TIMEOUT_S,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), RETRIES),
        retry_on_error=[RedisConnectionError],
        max_connections=CONNECTIONS,
    )
    return cast(Store, Redis.from_pool(pool))
