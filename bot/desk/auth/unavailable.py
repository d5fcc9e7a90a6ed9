"""What staff are told while PostgreSQL or Redis is away: a page or JSON in Spanish, 503. Called by pages.py and
router.py.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.core.logs import log
from bot.core.texts import say
from bot.desk.auth.guard import Refused

STORE_ERRORS = (OperationalError, InterfaceError, PoolTimeout, RedisError)


def unavailable(error: Exception) -> Refused:
    """The refusal for a store that does not answer; the same request works later."""
    log.warning("desk lost a store", error=type(error).__name__)
    return Refused(503, "unavailable", say("desk.errores.sin_servicio"))


class DeskRoute(APIRoute):
    """A route that says so when a store is away."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except STORE_ERRORS as error:
                raise unavailable(error) from error

        return answer
