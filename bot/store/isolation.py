"""Isolates errors, so that one failing ticket or conversation does not stop the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy.exc import SQLAlchemyError

from bot.core.logs import log


@asynccontextmanager
async def isolate_errors(**what: str) -> AsyncIterator[None]:
    """Context manager that logs and swallows an error of one item, unless Redis or PostgreSQL is unreachable.

    Redis connection errors and timeouts, OSError and SQLAlchemyError are raised again. ``what`` has the log fields that
    identify the item.
    """
    try:
        yield
    except (RedisConnectionError, RedisTimeoutError, OSError, SQLAlchemyError):
        raise
    except Exception:
        log.exception("isolation: item failed, skipped", **what)
