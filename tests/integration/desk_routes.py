"""Lists the desk's routes, and provides a function that finds no file, for channels without files and previews."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute

# Excluded: the first ends the session in use, the second never ends its response.
SPARED = {"/desk/salir", "/desk/api/events"}
# Method and path.
Route = tuple[str, str]


def routes(found: Any) -> Iterator[Route]:
    """Yields the method and path of each route of the desk, except SPARED."""
    for route in found:
        if not isinstance(route, APIRoute):
            yield from routes(getattr(getattr(route, "original_router", route), "routes", ()))
        elif route.path not in SPARED:
            yield from ((method, route.path) for method in route.methods - {"HEAD"})


async def no_file(_encrypted: str, _ttl_s: int) -> bytes | None:
    return None
