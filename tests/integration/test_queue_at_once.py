"""Tests several processes that do everything to the same few tickets concurrently.

The events form one valid history, and each response agrees with it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.change import Change
from bot.core.events import Event
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.store import keys
from bot.store.client import open_redis
from bot.tickets.presence import Presences, Skills
from tests.integration.queue_process import AGENTS, TEAMS
from tests.no_record import mailbox_of
from tests.queue_store import Queue, quick_valkey, read_queue
from tests.transcripts import SECRET

PROCESS = Path(__file__).with_name("queue_process.py")
PROCESSES, TICKETS, ROUNDS = 3, 4, 300
LONG_ROUNDS = 5000
PATIENCE_S = 3600
OWNED = ("claimed", "snoozed")
ANSWERED = {
    "ticket_claimed": {"claim", "take_next", "give_out", "to_person"},
    "ticket_returned": {"release", "to_team", "take_back"},
    "ticket_snoozed": {"snooze"},
    "ticket_woken": {"wake"},
    "ticket_closed": {"close"},
}


class History:
    """Maps each ticket to (state, owner), built from the events in order."""

    def __init__(self) -> None:
        self.now: dict[str, tuple[str, str]] = {}
        self.steps = 0

    def follow(self, event: Event) -> None:
        """Asserts that the event is a valid next step."""
        told = event.ticket
        assert told is not None
        ticket = told.ticket
        state, owner = self.now.get(ticket, ("", ""))
        allowed = {
            "ticket_opened": state == "",
            "ticket_claimed": state == "waiting" or (state in OWNED and told.by == owner),
            "ticket_returned": state in OWNED and told.by in {"", owner},
            "ticket_snoozed": state in OWNED and told.owner_id == owner,
            "ticket_woken": state == "snoozed" and told.owner_id == owner,
            "ticket_closed": state in OWNED and told.owner_id == owner,
        }
        assert allowed[event.kind], (event, state, owner)
        self.now[ticket] = (str(told.state), told.owner_id)
        self.steps += 1


class Round:
    """The results of one round, and the events that occurred."""

    def __init__(self, answers: list[list[str]], events: list[Event], before: dict[str, tuple[str, str]]) -> None:
        self.answers = Counter(tuple(one) for one in answers)
        self.events, self.before = events, before

    def check(self) -> None:
        """Checks that exactly the successful results occurred; claiming one's own ticket changes nothing."""
        for kind, names in ANSWERED.items():
            told, happened = Counter[Any](), Counter[Any]()
            for (name, ticket, agent), count in self.answers.items():
                if name in names:
                    told[ticket, "" if kind == "ticket_returned" else agent] += count
            for event in self.events:
                if event.kind == kind and event.ticket.why != "woken":
                    happened[event.ticket.ticket, "" if kind == "ticket_returned" else event.ticket.owner_id] += 1
            if kind == "ticket_claimed":
                assert not happened - told
                assert all(self._had(ticket, agent) for ticket, agent in told - happened)
            elif kind in {"ticket_woken", "ticket_snoozed"}:
                assert not told - happened  # a citizen's words wake too, and a reply begins a snooze anew
            else:
                assert told == happened

    def _had(self, ticket: str, agent: str) -> bool:
        return self.before[ticket][1] == agent or any(
            event.ticket.ticket == ticket and event.ticket.owner_id == agent for event in self.events
        )


class Desk:
    """The processes and the tickets that they compete for."""

    def __init__(self, redis: Any, processes: list[asyncio.subprocess.Process]) -> None:
        self.redis, self.processes = redis, processes
        self.inbox, self.presences = mailbox_of(redis), Presences(redis)
        self.history, self.conversation, self.numbers = History(), dict[str, str](), itertools.count()
        self.last, self.rounds = "-", 0

    async def open_tickets(self) -> dict[str, str]:
        """Opens new tickets until TICKETS are open; returns the conversations of the open tickets, by ticket."""
        open_now = {ticket for ticket, (state, _) in self.history.now.items() if state != "closed"}
        for _ in range(TICKETS - len(open_now)):
            number = next(self.numbers)
            message = CitizenMessage(f"c{number}", Channel.WEB, "m", "persona", at=0)
            await self.inbox.accept(message)
            handoff = Handoff(HandoffReason.ASKED_HUMAN, team=TEAMS[number % len(TEAMS)])
            replies = (Reply("lugar {posicion}"),)
            await self.inbox.commit([message], replies, speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)
            ticket = (await self.inbox.state(message.conversation)).ticket
            assert ticket
            self.conversation[ticket] = message.conversation
        await self.look()
        return {
            ticket: self.conversation[ticket] for ticket, (state, _) in self.history.now.items() if state != "closed"
        }

    async def look(self) -> Queue:
        """Follows the events until now and compares the resulting history with the store."""
        newest = set(list(self.conversation)[-2 * TICKETS * PROCESSES :])
        waiting = {one for one, (state, _) in self.history.now.items() if state != "closed"}  # for however long
        recent = {one: self.conversation[one] for one in self.conversation if one in newest | waiting}
        now = await read_queue(self.redis, teams=TEAMS, conversations=recent, after=self.last)
        self.last = now.last
        for event in now.events:
            if event.ticket:
                self.history.follow(event)
        told = {
            one: (ticket.state.value, ticket.owner.id if ticket.owner else "") for one, ticket in now.tickets.items()
        }
        history = {one: self.history.now[one] for one in recent}
        assert told == {one: (state, owner) for one, (state, owner) in history.items()}
        assert now.positions == {
            one: [("line", now.tickets[one].team) if state == "waiting" else (state, "")]
            for one, (state, _) in self.history.now.items()
            if state != "closed"
        }
        return now

    async def round(self) -> None:
        gone = AGENTS[self.rounds % len(AGENTS)]
        self.rounds += 1
        for number, agent in enumerate(AGENTS):
            await self.presences.heartbeat(agent.id, agent.name, Skills(capacity=number + 1))
        await self.redis.delete(keys.agent_key(gone.id))
        tickets = await self.open_tickets()
        before = dict(self.history.now)
        answers = await asyncio.gather(*(asked(process, tickets) for process in self.processes))
        now = await self.look()
        events = [event for event in now.events if event.ticket]
        Round([one for some in answers for one in some], events, before).check()


async def asked(process: asyncio.subprocess.Process, tickets: dict[str, str]) -> list[list[str]]:
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(tickets).encode() + b"\n")
    answer = await process.stdout.readline()
    assert answer, "the process ended"
    return list(json.loads(answer))


@asynccontextmanager
async def people(url: str) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    environment = {**os.environ, "REDIS_URL": url, "PYTHONPATH": str(PROCESS.parents[2])}
    pipe = asyncio.subprocess.PIPE
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, str(PROCESS), str(seed), stdin=pipe, stdout=pipe, env=environment
        )
        for seed in range(PROCESSES)
    ]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            await process.communicate()


@pytest.mark.timeout(PATIENCE_S)
async def test_concurrent_actions_leave_each_ticket_one_owner_and_one_queue(tmp_path: Path) -> None:
    rounds = LONG_ROUNDS if os.environ.get("VENTANILLA_LONG") else ROUNDS
    with quick_valkey(tmp_path) as url:
        async with open_redis(url, SECRET) as redis, people(url) as processes, asyncio.timeout(PATIENCE_S):
            desk = Desk(redis, processes)
            for _ in range(rounds):
                await desk.round()
    print(f"{desk.history.steps} steps of {len(desk.conversation)} tickets in {rounds} rounds")  # noqa: T201
    assert desk.history.steps > rounds
