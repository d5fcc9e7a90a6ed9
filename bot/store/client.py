"""Opens the Redis client that a whole process shares."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, cast

from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.driver_info import DriverInfo
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from bot.store.commands import Store as Store
from bot.store.words import Words

CONNECT_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 10.0  # longer than the timeout of any blocking command
RETRIES = 3
CONNECTIONS = 64  # more connections would only wait, since Valkey runs one command at a time
DRIVER = DriverInfo()  # without it, each connection reads redis-py's version from its package's files: half of its cost


class _Lossless(AbstractConnection):
    """A connection that reports a closed transport as a RedisError, closes without an error, and can be cancelled.

    uvloop raises RuntimeError when a command is written to a transport that was closed a moment before. redis-py passes
    this error on, and callers would treat it as a bug instead of retrying. redis-py also raises an error if closing a
    transport is not confirmed in time, as on a busy machine; the caller would then leave its other connections open. It
    sends commands with asyncio.wait_for, which in Python 3.11 ignores a cancellation at the moment when the command has
    been sent (gh-86296); a process that stops would then wait for that task forever.

    Once its client is closed it stays closed. A command that was running meanwhile would otherwise be sent again on a
    new connection, which nobody closes.
    """

    ended = False

    async def connect_check_health(self, check_health: bool = True, retry_socket_connect: bool = True) -> None:
        if not self.ended:
            await super().connect_check_health(check_health, retry_socket_connect)
        if self.ended:  # perhaps only since it began to connect
            await self.disconnect(nowait=True)
            raise RedisError("the client is closed")

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        task = asyncio.current_task()
        cancelled_before = task.cancelling() if task else 0
        try:
            await super().send_packed_command(command, check_health)
        except RuntimeError as error:
            raise RedisConnectionError(str(error)) from error
        if task and task.cancelling() > cancelled_before:
            await self.disconnect(nowait=True)  # nobody will read the reply
            raise asyncio.CancelledError

    async def disconnect(self, *args: Any, **kwargs: Any) -> None:
        with suppress(RedisTimeoutError):
            await super().disconnect(*args, **kwargs)


class _Pool(BlockingConnectionPool):
    """A pool that opens no connection after ``aclose``."""

    ended = False

    def make_connection(self) -> AbstractConnection:
        made: _Lossless = super().make_connection()  # type: ignore[no-untyped-call]
        made.ended = self.ended
        return made

    async def aclose(self) -> None:
        self.ended = True
        for one in cast("list[_Lossless]", [*self._available_connections, *self._in_use_connections]):
            one.ended = True
        await super().aclose()


class _Plain(_Lossless, Connection):
    pass


class _Encrypted(_Lossless, SSLConnection):
    pass


Class = type[AbstractConnection]
CONNECTION_CLASSES: dict[Class, Class] = {Connection: _Plain, SSLConnection: _Encrypted}


class _Client(Redis):
    words: Words


def open_redis(url: str, secret: str = "") -> Store:
    """Returns a client that decodes replies to str and reconnects up to RETRIES times before it raises RedisError.

    A command waits for a free connection, so thousands of browsers that reconnect at the same time are delayed, not
    refused. A command whose reply was lost is sent again. This is safe: accepting a message drops repeats, and
    committing a turn checks the pending messages. A closed client raises RedisError and cannot be used again.

    ``secret`` is VENTANILLA_SECRET, which encrypts what people wrote; without it, the client can neither read nor write
    such texts.
    """
    pool = _Pool.from_url(
        url,
        timeout=ANSWER_TIMEOUT_S,
        decode_responses=True,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=ANSWER_TIMEOUT_S,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), RETRIES),
        retry_on_error=[RedisConnectionError],
        max_connections=CONNECTIONS,
        driver_info=DRIVER,
    )
    pool.connection_class = CONNECTION_CLASSES.get(pool.connection_class, pool.connection_class)
    client = cast(_Client, _Client.from_pool(pool))
    client.words = Words(secret)
    return cast(Store, client)
