"""Isolates errors, so that one failing ticket or conversation does not stop the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.exceptions import (
    AuthenticationError,
    ClusterDownError,
    MasterDownError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy.exc import SQLAlchemyError

from bot.core.logs import log

UNAVAILABLE = (
    *(RedisConnectionError, RedisTimeoutError, AuthenticationError, NoPermissionError),
    *(OutOfMemoryError, ReadOnlyError, MasterDownError, ClusterDownError),
)
# How answers begin for which redis-py has no class; the last one comes from a script.
UNAVAILABLE_CODES = ("OOM", "MISCONF", "NOREPLICAS", "READONLY", "ACL failure in script")


@asynccontextmanager
async def isolate_errors(**what: str) -> AsyncIterator[None]:
    """Logs and swallows an error of one item, unless Redis or PostgreSQL is unavailable or full (context manager).

    Such errors, OSError and SQLAlchemyError are raised again: every other item would fail, too, and the caller retries.
    ``what`` contains the log fields that identify the item.
    """
    try:
        yield
    except (OSError, SQLAlchemyError):
        raise
    except Exception as error:
        if isinstance(error, RedisError) and redis_is_unavailable(error):
            raise
        log.exception("isolation: item failed, skipped", **what)


def redis_is_unavailable(error: RedisError) -> bool:
    """Returns whether Redis is unreachable, rejects our password, refuses all writes or forbids our account a command.

    Returns False if Redis rejected only one command for what it contains.
    """
    if isinstance(error, UNAVAILABLE):
        return True
    return isinstance(error, ResponseError) and str(error).startswith(UNAVAILABLE_CODES)
