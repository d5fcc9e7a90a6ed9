"""Provides a fast Valkey for tests that run the queue's scripts thousands of times, and reads its state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis as blocking_redis

from bot.conversation.event_log_entry import event_from
from bot.core.events import Event
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.valkey import valkey_part, valkey_url
from bot.store import keys
from bot.tickets.ticket import Ticket
from tests.parts import patient

PASSWORD = "test-password"


@contextmanager
def quick_valkey(home: Path) -> Iterator[str]:
    """Starts a real Valkey without persistence, because the disk is not under test; yields its URL."""
    port = free_port()
    running = Running(patient(valkey_part(home, port, PASSWORD)))
    running.wait_healthy()
    url = valkey_url(port, PASSWORD)
    with blocking_redis.Redis.from_url(url) as client:
        client.config_set("appendonly", "no")
    try:
        yield url
    finally:
        running.stop()


@dataclass(frozen=True)
class Queue:
    """The state of the store.

    ``positions`` maps a ticket to each set that contains it, with the team of a queue. ``tickets`` are read from their
    hashes. ``turns`` maps a conversation to its speaker and ticket. ``events`` are the events after the requested
    event.
    """

    positions: dict[str, list[tuple[str, str]]]
    tickets: dict[str, Ticket]
    turns: dict[str, tuple[str, str | None]]
    events: list[Event]
    last: str

    def told(self) -> dict[str, tuple[str, str, str]]:
        """Maps each ticket to its (state, owner, team)."""
        return {one.id: (one.state.value, one.owner.id if one.owner else "", one.team) for one in self.tickets.values()}


async def read_queue(redis: Any, *, teams: Iterable[str], conversations: dict[str, str], after: str = "-") -> Queue:
    """Reads the state in one transaction; ``conversations`` maps each ticket to its conversation."""
    lines = tuple(teams)
    async with redis.pipeline(transaction=True) as pipe:
        pipe.smembers(keys.QUEUES)
        pipe.smembers(keys.CLAIMED)
        for key in (*map(keys.queue_key, lines), keys.SNOOZED, keys.CALLBACKS):
            pipe.zrange(key, 0, -1)
        for ticket, conversation in conversations.items():
            pipe.hgetall(keys.ticket_key(ticket))
            pipe.hmget(keys.conversation_key(conversation), "speaker", "ticket")
        pipe.xrange(keys.EVENTS, min=f"({after}" if after != "-" else "-")
        known, claimed, *rest, rows = await pipe.execute()
    assert set(known) <= set(lines)
    sorted_sets, hashes = rest[: len(lines) + 2], rest[len(lines) + 2 :]
    names = [*(("line", team) for team in lines), ("snoozed", ""), ("callback", "")]
    positions: dict[str, list[tuple[str, str]]] = {}
    for name, members in [*zip(names, sorted_sets, strict=True), (("claimed", ""), claimed)]:
        for ticket in members:
            positions.setdefault(ticket, []).append(name)
    return Queue(
        positions=positions,
        tickets={one: Ticket.from_hash(one, raw) for one, raw in zip(conversations, hashes[::2], strict=True)},
        turns={one: tuple(turn) for one, turn in zip(conversations.values(), hashes[1::2], strict=True)},
        events=[event_from(fields["conversation"], fields["id"], fields) for _, fields in rows],
        last=rows[-1][0] if rows else after,
    )
