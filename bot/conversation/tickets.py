"""Tickets: conversations that wait for a person or have one. Called by bot/handoff; opened by the worker's commit."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.conversation import keys
from bot.conversation.connect import Store
from bot.conversation.mailbox import event_of
from bot.conversation.script import Script
from bot.errors import TicketNotYours, TicketTaken
from bot.messages import Candidate, Channel, HandoffReason, Priority, Reply

SOLVED = "solved"


@dataclass(frozen=True)
class StaffRef:
    """A member of staff as tickets name them."""

    id: str
    name: str


@dataclass(frozen=True)
class Ticket:
    """One handoff. ``opened_at`` in milliseconds; ``summary`` is the citizen's last words before it."""

    id: str
    conversation: str
    channel: Channel
    reason: HandoffReason
    priority: Priority
    team: str
    candidates: tuple[Candidate, ...]
    opened_at: int
    owner: StaffRef | None
    summary: str
    closed: bool

    @classmethod
    def from_hash(cls, ticket: str, raw: dict[str, str]) -> Ticket:
        owner = StaffRef(raw["owner_id"], raw["owner_name"]) if "owner_id" in raw else None
        return cls(
            id=ticket,
            conversation=raw["conversation"],
            channel=Channel(raw["channel"]),
            reason=HandoffReason(raw["reason"]),
            priority=Priority(raw["priority"]),
            team=raw["team"],
            candidates=tuple(Candidate(**one) for one in json.loads(raw["candidates"])),
            opened_at=int(raw["opened_at"]),
            owner=owner,
            summary=raw["summary"],
            closed="outcome" in raw,
        )


class Tickets:
    """The waiting line and who has what. Every change is one script, so two people can never both win."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._claim = Script(redis, keys.CLAIM)
        self._reply = Script(redis, keys.STAFF_REPLY)
        self._close = Script(redis, keys.CLOSE)

    async def waiting(self) -> list[Ticket]:
        """Waiting tickets in the order of the line."""
        return await self._read(await self._redis.zrange(keys.LINE, 0, -1))

    async def claimed(self) -> list[Ticket]:
        """Tickets that a person has, oldest first."""
        tickets = await self._read(list(await self._redis.smembers(keys.CLAIMED)))
        return sorted(tickets, key=lambda ticket: ticket.opened_at)

    async def get(self, ticket: str) -> Ticket | None:
        found = await self._read([ticket])
        return found[0] if found else None

    async def claim(self, ticket: str, staff: StaffRef, notice: Reply) -> Ticket:
        """Gives the ticket to ``staff`` and tells the citizen.

        Raises TicketTaken (owner='' when it no longer waits).
        """
        answer = str(await self._claim(ticket, staff.id, staff.name, json.dumps([event_of(notice)])))
        if answer not in {"ok", "mine"}:
            raise TicketTaken(ticket=ticket, owner=answer.removeprefix("taken:") if ":" in answer else "")
        claimed = await self.get(ticket)
        if claimed is None:
            raise TicketTaken(ticket=ticket, owner="")
        return claimed

    async def reply(self, ticket: str, staff: StaffRef, text: str, reply_id: str, *, entry: Reply | None = None) -> str:
        """Says ``text`` to the citizen; the same ``reply_id`` again is not said twice. Returns the feed id.

        ``entry``: the answer that the staff chose to send, with its source and proof. Raises TicketNotYours.
        """
        proof = json.loads(event_of(entry)["data"]) if entry else {}
        data = json.dumps({"name": staff.name, "reply_id": reply_id} | proof)
        event_id = str(await self._reply(ticket, staff.id, reply_id, text, data))
        if not event_id:
            raise TicketNotYours(ticket=ticket)
        return event_id

    async def close(self, ticket: str, staff: StaffRef, notice: Reply, outcome: str = SOLVED) -> None:
        """Gives the conversation back to the assistant and tells the citizen. Raises TicketNotYours."""
        if await self._close(ticket, staff.id, json.dumps([event_of(notice)]), outcome) != 1:
            raise TicketNotYours(ticket=ticket)

    async def _read(self, tickets: list[str]) -> list[Ticket]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for ticket in tickets:
                pipe.hgetall(keys.ticket_key(ticket))
            rows = await pipe.execute()
        return [Ticket.from_hash(ticket, raw) for ticket, raw in zip(tickets, rows, strict=True) if raw]
