"""Decides which citizens the assistant answers in a channel: none, staff only, a share of the citizens, or all.

Each channel has a roll-out step, which staff change at the desk; it is stored in Redis, so a change applies to every
process immediately. A conversation's id decides whether it is in the share, so a citizen admitted at 10 % is also
admitted at 20 %. Staff admit a conversation by writing the desk's access code in it. Emergencies, waiting citizens and
those with an agent are not affected.
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
    """The extent of a channel's roll-out."""

    OFF = "off"
    STAFF = "staff"
    SHARE = "share"
    ON = "on"


@dataclass(frozen=True)
class Step:
    """The roll-out step of a channel; ``percent`` (0 to 100) is used for SHARE only."""

    kind: Kind = Kind.ON
    percent: int = 100

    def to_text(self) -> str:
        return f"{self.kind}:{self.percent}"

    @classmethod
    def from_text(cls, text: str) -> Step:
        kind, _, percent = text.partition(":")
        return cls(Kind(kind), int(percent or 100))


def percentile(conversation: str) -> int:
    """Returns a number from 0 to 99 that never changes for a conversation, computed from its (hexadecimal) id."""
    return int(conversation[:BUCKET_DIGITS], 16) % 100


def _new_code() -> str:
    return f"prueba-{secrets.token_hex(CODE_BYTES)}"


class Rollout:
    """The roll-out steps in Redis; every method except ``admits`` may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis

    async def steps(self) -> dict[Channel, Step]:
        kept = await self._redis.hgetall(keys.ROLLOUT)
        return {channel: Step.from_text(kept[channel]) if channel in kept else Step() for channel in Channel}

    async def set(self, channel: Channel, step: Step) -> None:
        await self._redis.hset(keys.ROLLOUT, channel, step.to_text())

    async def code(self) -> str:
        """Returns the access code that admits a conversation in which it is written; creates the code on first use."""
        await self._redis.hsetnx(keys.ROLLOUT, CODE_FIELD, _new_code())
        return str(await self._redis.hget(keys.ROLLOUT, CODE_FIELD))

    async def renew_code(self) -> None:
        """Replaces the access code; conversations that the old one admitted are treated as citizens' again."""
        await self._redis.hset(keys.ROLLOUT, CODE_FIELD, _new_code())
        await self._redis.delete(keys.ROLLOUT_STAFF)

    async def admit_with_code(self, conversation: str, words: str) -> bool:
        """Admits the conversation if ``words`` is the code; returns whether the conversation was admitted."""
        code = await self._redis.hget(keys.ROLLOUT, CODE_FIELD) or ""
        if not code or not hmac.compare_digest(words.strip().lower().encode(), code.encode()):
            return False
        await self._redis.sadd(keys.ROLLOUT_STAFF, conversation)
        return True

    async def admits(self, conversation: str, channel: Channel) -> bool:
        """Returns whether the assistant answers this conversation; True when Redis is unreachable."""
        try:
            kept = await self._redis.hget(keys.ROLLOUT, channel)
            step = Step.from_text(kept) if kept else Step()
            if step.kind in {Kind.ON, Kind.OFF}:
                return step.kind is Kind.ON
            if step.kind is Kind.SHARE and percentile(conversation) < step.percent:
                return True
            return bool(await self._redis.sismember(keys.ROLLOUT_STAFF, conversation))
        except RedisError as error:
            log.warning("rollout: redis unavailable, everybody admitted", error=type(error).__name__)
            return True
