"""Reads what agents are to be told about tickets; the scripts that move tickets and add notes write it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from bot.store import keys
from bot.store.client import Store


class NoticeKind(StrEnum):
    """What an agent is told."""

    NAMED = "named"  # a note names them
    GIVEN = "given"  # somebody gave them a ticket
    TAKEN = "taken"  # somebody took their ticket, or gave it to another agent
    REQUEUED = "requeued"  # somebody put their ticket back into a queue
    VANISHED = "vanished"  # their ticket went back to the queue, since their browser was gone
    SILENT = "silent"  # the same, since they did not answer


@dataclass(frozen=True)
class StaffNotice:
    """A notice for one agent: who (``by``) did what with which ticket, to whom (``to``), and the note (``text``)."""

    id: str
    kind: NoticeKind
    ticket: str
    conversation: str
    by: str
    to: str
    text: str
    at: int  # ms since 1970

    @classmethod
    def from_json(cls, id: str, raw: str) -> StaffNotice:
        data = json.loads(raw)
        words = {name: data.get(name, "") for name in ("ticket", "conversation", "by", "to", "text")}
        return cls(id=id, kind=NoticeKind(data["kind"]), at=int(data["at"]), **words)


class StaffNotices:
    """The unread notices of agents in Redis; every method may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis

    async def of(self, staff: str) -> list[StaffNotice]:
        """Returns an agent's unread notices, oldest first."""
        found = await self._redis.hgetall(keys.staff_notices_key(staff))
        return sorted((StaffNotice.from_json(*one) for one in found.items()), key=lambda notice: notice.at)

    async def drop(self, staff: str, notice: str) -> None:
        """Deletes a notice that the agent has read."""
        await self._redis.hdel(keys.staff_notices_key(staff), notice)
