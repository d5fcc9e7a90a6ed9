"""The routes of the console, and a stand-in for what fetches files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute

SPARED = {"/desk/salir", "/desk/api/events"}
"""One ends the session that asks, the other answers for as long as it is listened to."""
Route = tuple[str, str]
"""Method and path."""


def routes(found: Any) -> Iterator[Route]:
    """Each route of the console."""
    for route in found:
        if not isinstance(route, APIRoute):
            yield from routes(getattr(getattr(route, "original_router", route), "routes", ()))
        elif route.path not in SPARED:
            yield from ((method, route.path) for method in route.methods - {"HEAD"})


async def no_file(_encrypted: str, _ttl_s: int) -> bytes | None:
    return None
