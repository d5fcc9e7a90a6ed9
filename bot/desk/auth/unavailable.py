"""Answers the desk's requests in Spanish: 503 if a store fails or the disk is full, 404 for an id that cannot exist.

Requests whose values do not have the documented form are counted, since they may be attacks.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from psycopg.errors import NumericValueOutOfRange
from redis.exceptions import RedisError
from sqlalchemy.exc import DataError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.core.disk import Disk, Room
from bot.core.logs import log
from bot.core.texts import say
from bot.desk.auth.guard import Refused
from bot.metrics.measures import Refusal, count_refusal

INVALID = frozenset({400, 413, 422})  # statuses of requests that do not have the documented form
STORE_ERRORS = (OperationalError, InterfaceError, InternalError, PoolTimeout, RedisError)  # InternalError if read-only


def unavailable(error: Exception) -> Refused:
    """Logs the store's error and returns the 503 refusal for it."""
    log.warning("desk: store unavailable", error=type(error).__name__)
    return Refused(503, "unavailable", say("desk.errores.sin_servicio"))


def require_room(disk: Disk) -> None:
    """Raises Refused while the disk is too full for searches and statistics."""
    if not disk.has(Room.SEARCH):
        raise Refused(503, "no_room", say("desk.errores.sin_espacio"))


class DeskRoute(APIRoute):
    """A route that turns errors of the stores into Refused: 503 if a store is unreachable or read-only.

    Raises Refused (404) if a value in the URL is too large for PostgreSQL or contains NUL. The endpoint's signature is
    read at the first request, since reading the signatures of all 150 routes takes 0.1 s at start. Add its router by
    ``routes.extend``: ``include_router`` would read all signatures.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        methods = {one.upper() for one in options["methods"] or ("GET",)}
        Route.__init__(self, path, endpoint, methods=methods, name=options["name"], include_in_schema=False)
        self.methods = methods  # without the HEAD that Route adds, which FastAPI answers with 405
        self.response_class = options["response_class"]  # OpenAPI's description of the routes needs it
        self.app, self._options = self._read_signature, {**options, "include_in_schema": False}

    async def _read_signature(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles the first request: builds the application that handles this request and all later requests."""
        super().__init__(self.path, self.endpoint, **self._options)
        await self.app(scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handler(request)
            except STORE_ERRORS as error:
                raise unavailable(error) from error
            except (HTTPException, RequestValidationError) as error:
                if getattr(error, "status_code", 422) in INVALID:
                    count_refusal(Refusal.INPUT)
                raise
            except DataError as error:
                if isinstance(error.orig, NumericValueOutOfRange) or "NUL" in str(error.orig):
                    raise Refused(404, "missing", say("desk.errores.no_existe")) from error
                raise
            if response.status_code in INVALID:
                count_refusal(Refusal.INPUT)
            return response

        return answer
