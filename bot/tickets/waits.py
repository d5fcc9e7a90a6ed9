"""Reads the data that determine a team's wait (queue moves, agents on duty), and stores the waits shown to citizens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from bot.conversation.event_log_entry import event_of
from bot.core.messages import Priority, Reply
from bot.store import keys
from bot.store.client import Store
from bot.store.scripts import Script
from bot.tickets.pace import Duty, Move, WaitRange

UNSEEN_MS = 90_000
RANK_STEP = 1e13  # as in queue_score of lua/lib/queue.lua


@dataclass(frozen=True)
class ToldWait:
    """A wait shown to a citizen at the time ``at`` (ms since 1970), and their ``place`` in the queue then."""

    place: int
    wait: WaitRange
    at: int

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """Parses the result of ``to_text``; returns None for '' and for the formats of older releases."""
        numbers = text.split()
        if len(numbers) != 4:
            return None
        place, low, high, at = (int(one) for one in numbers)
        return cls(place, WaitRange(low, high), at)

    def to_text(self) -> str:
        return f"{self.place} {self.wait.low_ms} {self.wait.high_ms} {self.at}"


class Waits:
    """The moves of tickets in the queues, and the agents on duty, in Redis; every method may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._note_duty = Script(redis, "note_duty")
        self._notify = Script(redis, "notify_wait")
        self._notify_near = Script(redis, "notify_near")

    async def moves(self, team: str) -> list[Move]:
        """Returns the latest moves of the team's queue, newest first."""
        lines = await self._redis.lrange(keys.moves_key(team), 0, -1)
        return [Move(*(int(float(one)) for one in line.split())) for line in lines]

    async def duty(self, team: str) -> list[Duty]:
        """Returns the recent periods with the number of agents on duty in the team, newest first."""
        lines = await self._redis.lrange(keys.duty_key(team), 0, -1)
        return [Duty(*(int(one) for one in line.split())) for line in lines]

    async def note_duty(self, team: str, agents: int) -> None:
        """Records that ``agents`` agents of the team are on duty now."""
        await self._note_duty(team=team, agents=agents, unseen_ms=UNSEEN_MS)

    async def next_place(self, team: str, priority: Priority) -> int:
        """Returns the position that a new ticket would get in the team's queue."""
        behind = (priority.rank + 1) * RANK_STEP
        ahead = await self._redis.zrangebyscore(keys.queue_key(team), "-inf", f"({behind:.0f}")
        return len(ahead) + 1

    async def place(self, ticket: str) -> tuple[str, int, ToldWait | None]:
        """Returns a ticket's team, its position (0 if it is not waiting) and the wait last shown to the citizen."""
        team, told = await self._redis.hmget(keys.ticket_key(ticket), ("team", "told_wait"))
        rank = await self._redis.zrank(keys.queue_key(team or ""), ticket)
        return team or "", 0 if rank is None else rank + 1, ToldWait.from_text(told or "")

    async def tell(self, ticket: str, told: ToldWait, notice: Reply | None = None) -> bool:
        """Stores the wait shown to the citizen of a waiting ticket, and sends ``notice`` if it is given and allowed.

        Returns whether the notice was sent.
        """
        events = [event_of(notice)] if notice else []
        return bool(await self._notify(ticket=ticket, told=told.to_text(), events=events) == 1)

    async def tell_near(self, ticket: str, notice: Reply) -> bool:
        """Notifies a citizen, once, that their turn is near, if they asked for this.

        Returns whether the notice was sent.
        """
        return bool(await self._notify_near(ticket=ticket, events=[event_of(notice)]) == 1)
