"""Keeps what fails for one ticket or one citizen from the others. Used by rebuild.py and bot/handoff/sweeper.py."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy.exc import SQLAlchemyError

from bot.core.logs import log


@asynccontextmanager
async def isolate_errors(**what: str) -> AsyncIterator[None]:
    """What fails inside is told in the log, with ``what`` it was about, and fails alone; but a store that is away ends
    the whole of it."""
    try:
        yield
    except (RedisConnectionError, RedisTimeoutError, OSError, SQLAlchemyError):
        raise
    except Exception:
        log.exception("left out", **what)
