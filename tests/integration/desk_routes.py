"""Lists the routes of the console, and stands in for the channels' files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute

# Excluded: one ends the session in use, the other never stops answering.
SPARED = {"/desk/salir", "/desk/api/events"}
# Method and path.
Route = tuple[str, str]


def routes(found: Any) -> Iterator[Route]:
    """Lists each route of the console."""
    for route in found:
        if not isinstance(route, APIRoute):
            yield from routes(getattr(getattr(route, "original_router", route), "routes", ()))
        elif route.path not in SPARED:
            yield from ((method, route.path) for method in route.methods - {"HEAD"})


async def no_file(_encrypted: str, _ttl_s: int) -> bytes | None:
    return None
