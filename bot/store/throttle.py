"""Counts failed attempts, such as sign-ins, and makes the caller wait after too many.

An attempt counts in several **buckets**, such as one for an account and a network, and one for the network. It is
counted as failed before it is made, so that simultaneous guesses count too; a success removes that failure again. After
``free`` failures, a bucket refuses attempts for a time, which doubles with each further failure. A day without failures
resets the bucket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.store.client import Store
from bot.store.scripts import Script


@dataclass(frozen=True)
class ThrottleBucket:
    """A counter of failures.

    After ``free`` failures, it refuses attempts for 1, 2, 4... minutes, at most ``longest_s`` seconds. With
    ``cleared``, a successful attempt resets the counter.
    """

    name: str
    free: int
    longest_s: int
    cleared: bool = False  # a success deletes all failures of the bucket, not only the one counted beforehand


class Throttle:
    """The throttle's buckets in Redis.

    Bucket names are stored unencrypted, so they must not contain personal data.
    """

    def __init__(self, redis: Store) -> None:
        self._attempt = Script(redis, "throttle")
        self._reset = Script(redis, "reset_throttle")

    async def count(self, throttles: Sequence[ThrottleBucket]) -> int:
        """Counts a failure in every bucket and returns 0.

        If any bucket refuses attempts, counts nothing and returns the seconds until all of them accept attempts.
        """
        wait_ms = int(await self._attempt(buckets=[vars(bucket) for bucket in throttles]))
        return -(-wait_ms // 1000)

    async def reset(self, throttles: Sequence[ThrottleBucket]) -> None:
        """Removes the failure that ``count`` just added, or all failures of a ``cleared`` bucket, after a success."""
        await self._reset(buckets=[vars(bucket) for bucket in throttles])
