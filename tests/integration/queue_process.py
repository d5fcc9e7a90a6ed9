"""Runs a few of the desk's staff in a separate process, for concurrent work on the same tickets.

Each input line is a round of concurrent actions; each output line contains its results. Arguments: REDIS_URL and a
seed.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from bot.core.errors.tickets import StaffAbsent, TicketNotYours, TicketTaken
from bot.core.messages import Channel, CitizenMessage, Reply
from bot.store.client import open_redis
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Actor, Transitions, Why
from tests.no_record import mailbox_of
from tests.transcripts import SECRET

TEAMS = ("obras", "aseo")
AGENTS = tuple(StaffRef(name, name.title()) for name in ("ana", "beto", "carla", "dina"))
ABSENT = StaffRef("eva", "Eva")
AT_ONCE = 10
FAR_MS = 4_000_000_000_000
TOLD = Reply("aviso {posicion}")


class People:
    """Simulates staff; ``round(tickets)`` does AT_ONCE actions concurrently, each on a separate connection."""

    def __init__(self, url: str, seed: int) -> None:
        redis = open_redis(url, SECRET)
        self.inbox, self.tickets, self.transitions = mailbox_of(redis), Tickets(redis), Transitions(redis)
        self.dice, self.numbers, self.seed = random.Random(seed), itertools.count(), seed
        self.what = (self.claim, self.claim, self.claim_next, self.auto_assign, self.release, self.to_team, self.assign)
        self.what += (self.snooze, self.wake, self.close, self.answer, self.citizen_writes, self.reclaim)

    async def round(self, tickets: dict[str, str]) -> list[Any]:
        return await asyncio.gather(*(self.one(*self.dice.choice(list(tickets.items()))) for _ in range(AT_ONCE)))

    async def one(self, ticket: str, conversation: str) -> list[str]:
        """Does a random action; returns its name, ticket and agent, or [] if refused, ["nothing"] if without effect."""
        what: Callable[..., Awaitable[Any]] = self.dice.choice(self.what)
        agent = self.dice.choice(AGENTS)
        try:
            done = await what(ticket, agent, conversation)
        except (TicketTaken, TicketNotYours, StaffAbsent):
            return []
        return done or [what.__name__, ticket, agent.id]

    async def claim(self, ticket: str, agent: StaffRef, _conversation: str) -> None:
        await self.tickets.claim(ticket, agent, TOLD)

    async def claim_next(self, _ticket: str, agent: StaffRef, _conversation: str) -> list[str]:
        taken = await self.tickets.claim_next(agent, self.dice.choice([(), TEAMS[:1]]), TOLD)
        return ["take_next", taken.id, agent.id] if taken else ["nothing"]

    async def auto_assign(self, _ticket: str, _agent: StaffRef, _conversation: str) -> list[str]:
        given = await self.tickets.auto_assign(TOLD, {})
        return ["give_out", *given] if given else ["nothing"]

    async def release(self, ticket: str, agent: StaffRef, _conversation: str) -> None:
        await self.transitions.requeue(ticket, Actor(agent), Why.RELEASED, TOLD)

    async def to_team(self, ticket: str, agent: StaffRef, _conversation: str) -> None:
        await self.transitions.requeue(ticket, Actor(agent), Why.TRANSFER, TOLD, team=self.dice.choice(TEAMS))

    async def assign(self, ticket: str, agent: StaffRef, _conversation: str) -> list[str]:
        to = self.dice.choice([*AGENTS, ABSENT])
        await self.transitions.assign(ticket, Actor(agent), Why.TRANSFER, TOLD, to=to)
        return ["to_person", ticket, to.id]

    async def snooze(self, ticket: str, agent: StaffRef, _conversation: str) -> None:
        await self.transitions.snooze(ticket, agent, FAR_MS)

    async def wake(self, ticket: str, agent: StaffRef, _conversation: str) -> None:
        await self.transitions.wake(ticket, agent)

    async def close(self, ticket: str, agent: StaffRef, _conversation: str) -> None:
        await self.tickets.close(ticket, agent, TOLD)

    async def answer(self, ticket: str, agent: StaffRef, _conversation: str) -> None:
        await self.tickets.reply(ticket, agent, "hola", self.name())

    async def citizen_writes(self, _ticket: str, _agent: StaffRef, conversation: str) -> list[str]:
        await self.inbox.accept(CitizenMessage(conversation, Channel.WEB, self.name(), "¿hola?", at=0))
        return ["nothing"]

    async def reclaim(self, ticket: str, _agent: StaffRef, _conversation: str) -> list[str]:
        taken = await self.transitions.reclaim(ticket, 0, TOLD, TOLD)
        return ["take_back", ticket, ""] if taken else ["nothing"]

    def name(self) -> str:
        return f"{self.seed}-{next(self.numbers)}"


async def work() -> None:
    people = People(os.environ["REDIS_URL"], int(sys.argv[1]))
    while line := await asyncio.to_thread(sys.stdin.readline):
        done = await people.round(json.loads(line))
        sys.stdout.write(json.dumps([one for one in done if one and one != ["nothing"]]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(work())
