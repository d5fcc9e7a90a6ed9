"""Reads the data that determine a team's wait (queue moves, agents on duty), and stores the waits shown to citizens."""

from __future__ import annotations

from bot.conversation.event_log_entry import event_of
from bot.core.messages import Priority, Reply
from bot.store import keys
from bot.store.client import Store
from bot.store.scripts import Script
from bot.tickets.announced_wait import AnnouncedWait
from bot.tickets.pace import Duty, Move

UNSEEN_MS = 90_000
RANK_STEP = 1e13  # as in queue_score of lua/lib/queue.lua


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
        return await self._redis.zcount(keys.queue_key(team), "-inf", f"({behind:.0f}") + 1

    async def place(self, ticket: str) -> tuple[str, int, AnnouncedWait | None]:
        """Returns a ticket's team, its position and the wait last shown to the citizen (None if none was).

        The team of an unknown ticket is '', and the position is 0 if the ticket is not waiting.
        """
        fields = "team", "announced_wait", "told_wait"  # the last is of older releases
        team, announced, older = await self._redis.hmget(keys.ticket_key(ticket), fields)
        rank = await self._redis.zrank(keys.queue_key(team or ""), ticket)
        return team or "", 0 if rank is None else rank + 1, AnnouncedWait.from_text(announced or older or "")

    async def announce(self, ticket: str, announced: AnnouncedWait, notice: Reply | None = None) -> bool:
        """Stores the wait shown to the citizen of a waiting ticket, and sends ``notice`` if it is given and allowed.

        Returns whether the notice was sent.
        """
        events = [event_of(notice)] if notice else []
        return bool(await self._notify(ticket=ticket, announced=announced.to_text(), events=events) == 1)

    async def notify_near(self, ticket: str, notice: Reply) -> bool:
        """Notifies a citizen, once, that their turn is near, if they asked for this.

        Returns whether the notice was sent.
        """
        return bool(await self._notify_near(ticket=ticket, events=[event_of(notice)]) == 1)
