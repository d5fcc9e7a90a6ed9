"""Counts failed attempts, and makes the caller wait after too many.

An attempt counts in several **buckets** (this account from this network, this network, ...). It is counted as failed
beforehand, so that simultaneous guesses count too; a success undoes that. After its free failures a bucket closes, and
each further failure closes it for twice as long as the last. A day without failures resets the bucket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.store.client import Store
from bot.store.scripts import Script


@dataclass(frozen=True)
class ThrottleBucket:
    """A bucket of failures: after ``free`` of them it closes for 1, 2, 4... minutes, at most ``longest_s``."""

    name: str
    free: int
    longest_s: int
    cleared: bool = False  # a success deletes all failures of the bucket, not only the one counted beforehand


class Throttle:
    """A counter of failures in Redis; bucket names are stored unencrypted, so they must reveal nothing."""

    def __init__(self, redis: Store) -> None:
        self._attempt = Script(redis, "throttle")
        self._reset = Script(redis, "reset_throttle")

    async def count(self, throttles: Sequence[ThrottleBucket]) -> int:
        """Counts a failure in every bucket and returns 0; if a bucket is closed, returns the seconds left instead."""
        wait_ms = int(await self._attempt(buckets=[vars(bucket) for bucket in throttles]))
        return -(-wait_ms // 1000)

    async def reset(self, throttles: Sequence[ThrottleBucket]) -> None:
        """Undoes the failure just counted, because the attempt succeeded."""
        await self._reset(buckets=[vars(bucket) for bucket in throttles])
