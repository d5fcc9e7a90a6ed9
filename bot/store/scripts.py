"""A Lua script called by its digest; loaded again by itself after Redis restarted."""

from __future__ import annotations

from typing import Any

from bot.store.client import Store


class Script:
    """``await script(arg, ...)`` runs it with the arguments as ARGV."""

    def __init__(self, redis: Store, source: str) -> None:
        self._script = redis.register_script(source)

    async def __call__(self, *arguments: Any, keys: list[str] | None = None) -> Any:
        return await self._script(keys=keys or [], args=list(arguments))
