"""Failed attempts and how long to wait after them. Called by the console's sign-in.

An attempt counts in several **lanes** at once (this account from this network, this network, ...). It is counted as
failed beforehand, so that guesses made at the same moment count too; a success takes it back. Past a lane's free
failures each further one closes the lane for twice as long as the one before. A day without any forgets the lane.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.store.client import Store
from bot.store.scripts import Script


@dataclass(frozen=True)
class ThrottleBucket:
    """``free`` failures cost nothing; then it closes for 1, 2, 4... minutes, at most ``longest_s``.

    ``cleared``: a success forgets all failures, not only its own.
    """

    name: str
    free: int
    longest_s: int
    cleared: bool = False


class Throttle:
    """``name`` of a lane is written into Redis as it is: make it tell nothing."""

    def __init__(self, redis: Store) -> None:
        self._attempt = Script(redis, "throttle")
        self._reset = Script(redis, "reset_throttle")

    async def count(self, throttles: Sequence[ThrottleBucket]) -> int:
        """Counts a failure in every lane and returns 0; or, while one of them is closed, the seconds left of it."""
        wait_ms = int(await self._attempt(buckets=[vars(bucket) for bucket in throttles]))
        return -(-wait_ms // 1000)

    async def reset(self, throttles: Sequence[ThrottleBucket]) -> None:
        """The attempt just counted was a success."""
        await self._reset(buckets=[vars(bucket) for bucket in throttles])
