"""Roll-out by steps: whom the assistant answers in a channel. Off, staff only, a share of the citizens, or everybody.

Asked by turns.py at each of its turns, changed by the console; the steps are in Redis, so a change holds in every
process at once. A conversation's share follows from its name, so whoever is in at 10 % is in at 20 % too. Staff let a
conversation in by writing the console's code in it. Emergencies, and whoever waits or is attended, are not affected.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum

from redis.exceptions import RedisError

from bot.core.logs import log
from bot.core.messages import Channel
from bot.store import keys
from bot.store.client import Store

CODE_BYTES = 4
CODE_FIELD = "code"
BUCKET_DIGITS = 8


class Kind(StrEnum):
    """How far a channel is open."""

    OFF = "off"
    STAFF = "staff"
    SHARE = "share"
    ON = "on"


@dataclass(frozen=True)
class Step:
    """Where a channel is; ``percent`` counts for SHARE only, 0 to 100."""

    kind: Kind = Kind.ON
    percent: int = 100

    def to_text(self) -> str:
        return f"{self.kind}:{self.percent}"

    @classmethod
    def from_text(cls, text: str) -> Step:
        kind, _, percent = text.partition(":")
        return cls(Kind(kind), int(percent or 100))


def percentile(conversation: str) -> int:
    """0 to 99, always the same for a conversation; its name is an HMAC in hexadecimal."""
    return int(conversation[:BUCKET_DIGITS], 16) % 100


class Rollout:
    """Every method may raise redis.RedisError, except ``admits``: without Redis everybody is let in."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis

    async def steps(self) -> dict[Channel, Step]:
        kept = await self._redis.hgetall(keys.ROLLOUT)
        return {channel: Step.from_text(kept[channel]) if channel in kept else Step() for channel in Channel}

    async def set(self, channel: Channel, step: Step) -> None:
        await self._redis.hset(keys.ROLLOUT, channel, step.to_text())

    async def code(self) -> str:
        """What staff write in a conversation to be let in; made at first use."""
        await self._redis.hsetnx(keys.ROLLOUT, CODE_FIELD, f"prueba-{secrets.token_hex(CODE_BYTES)}")
        return str(await self._redis.hget(keys.ROLLOUT, CODE_FIELD))

    async def admit_with_code(self, conversation: str, words: str) -> bool:
        """Lets the conversation in when ``words`` are the code."""
        code = await self._redis.hget(keys.ROLLOUT, CODE_FIELD) or ""
        if not code or not hmac.compare_digest(words.strip().lower().encode(), code.encode()):
            return False
        await self._redis.sadd(keys.ROLLOUT_STAFF, conversation)
        return True

    async def admits(self, conversation: str, channel: Channel) -> bool:
        """Whether the assistant answers this conversation."""
        try:
            kept = await self._redis.hget(keys.ROLLOUT, channel)
            step = Step.from_text(kept) if kept else Step()
            if step.kind in {Kind.ON, Kind.OFF}:
                return step.kind is Kind.ON
            if step.kind is Kind.SHARE and percentile(conversation) < step.percent:
                return True
            return bool(await self._redis.sismember(keys.ROLLOUT_STAFF, conversation))
        except RedisError as error:
            log.warning("rollout not known", error=type(error).__name__)
            return True
