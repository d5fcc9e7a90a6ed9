"""Calls functions of the Lua libraries through a script that includes them."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from redis.asyncio import Redis

Call = Callable[..., Awaitable[Any]]


@pytest.fixture
def call(redis: Redis, tmp_path: Path) -> Call:
    """Returns a caller: ``await call("queue", "position", "7")`` returns the function's result, from JSON.

    It returns False for nil, and a tuple if the function returns two results.
    """
    # Imported here, since the process that distributes the tests also reads this file.
    from bot.store.scripts import LIBRARIES, LUA, Source

    (tmp_path / LIBRARIES).symlink_to(LUA / LIBRARIES)

    async def run(library: str, function: str, *arguments: Any) -> Any:
        given = ", ".join(_literal(one) for one in arguments)
        body = f"local first, second = {function}({given})\nreturn cjson.encode({{first or false, second or false}})"
        probe = f"-- Calls one function.\n-- @args unused\n-- @returns JSON\n-- @include {library}\n\n{body}\n"
        (tmp_path / "probe.lua").write_text(probe, encoding="utf-8")
        answer = json.loads(await redis.eval(Source.assemble("probe", tmp_path).text, 0, ""))
        return answer[0] if answer[1] is False else tuple(answer)

    return run


def _literal(value: Any) -> str:
    """Renders a value as Lua; a text that begins with ``function`` is code."""
    if isinstance(value, str) and re.match(r"function\b", value):
        return value
    if value is None:
        return "nil"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return f"cjson.decode([==[{json.dumps(value)}]==])"
