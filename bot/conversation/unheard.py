"""Reads the turns that the answerer decided without Rasa, so that they can be added to Rasa's tracker.

The commit of such a turn stores it in Redis; bot/turns/rasa_record.py adds it to the tracker.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.messages import Channel
from bot.core.payload import Payload
from bot.store import keys
from bot.store.client import Store
from bot.store.scripts import Script


@dataclass(frozen=True)
class UnheardTurn:
    """A turn that is missing in Rasa's tracker: the citizen's text, and the payloads of the replies in ``said``.

    ``at`` is in ms since 1970. ``begins`` is true for the first turn of a session.
    """

    text: str
    channel: Channel
    said: tuple[Payload, ...]
    at: int
    begins: bool = False

    def to_json(self) -> str:
        data = vars(self) | {"said": [one.to_data() for one in self.said]}
        return json.dumps(data, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> UnheardTurn:
        """Parses the result of ``to_json``.

        Raises AttributeError, KeyError, TypeError or ValueError for any other text.
        """
        data = json.loads(text)
        said = tuple(Payload.from_data(one) for one in data["said"])
        return cls(**data | {"channel": Channel(data["channel"]), "said": said})


class UnheardTurns:
    """The turns of each conversation that are missing in Rasa's tracker, in Redis.

    Every method may raise redis.RedisError.
    """

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._take = Script(redis, "take_unheard")
        self._heard = Script(redis, "heard")

    async def due(self, before_ms: int, limit: int) -> Sequence[str]:
        """Returns up to ``limit`` conversations with missing turns, unchanged since ``before_ms``, oldest change first.

        A new missing turn and a call of ``heard`` are changes. ``before_ms`` is in ms since 1970.
        """
        return list(await self._redis.zrangebyscore(keys.UNHEARD, "-inf", before_ms, start=0, num=limit))

    async def take(self, conversation: str) -> list[str] | None:
        """Returns a conversation's oldest missing turns as JSON, oldest first, at most UNHEARD_AT_ONCE.

        Reserves all of them for UNHEARD_LEASE_S seconds; returns None if another process has reserved them. Otherwise
        call ``heard`` afterwards, with 0 if no turn was added to the tracker. A damaged turn is ''.
        """
        taken = await self._take(conversation=conversation)
        return None if taken is None else [self._redis.words.opened_or_blank(conversation, one) for one in taken]

    async def heard(self, conversation: str, count: int) -> None:
        """Removes the first ``count`` turns of a conversation and ends the reservation."""
        await self._heard(conversation=conversation, count=count)
