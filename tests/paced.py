"""Writes the recent moves of a team's queue into Redis, for tests of the estimated wait."""

from __future__ import annotations

import time
from typing import Any

from bot.store import keys

MINUTE_MS = 60_000


async def queue_moved(redis: Any, team: str, minutes: float, *, places: int = 20, agents: int = 1) -> None:
    """Writes moves as if the queue had advanced ``places`` times, once every ``minutes``, with ``agents`` on duty."""
    now, step = int(time.time() * 1000), int(minutes * MINUTE_MS)
    await redis.delete(keys.moves_key(team), keys.duty_key(team))
    moves = [f"{now - step * number} 0 -1" for number in range(places, -1, -1)]
    await redis.lpush(keys.moves_key(team), *moves)
    await redis.lpush(keys.duty_key(team), f"{now - step * (places + 1)} {now} {agents}")
