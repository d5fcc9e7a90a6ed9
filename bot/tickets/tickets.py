"""Lists, claims, answers and closes tickets; the commit of a turn opens them, transitions.py moves them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.conversation.event_log_entry import event_of
from bot.core.errors import TicketNotYours, TicketTaken
from bot.core.event_facts import MessageFacts, TicketState
from bot.core.logs import log
from bot.core.messages import Attachment, Candidate, Channel, HandoffReason, Priority, Reply
from bot.store import keys
from bot.store.client import Store
from bot.store.commands import ask_all
from bot.store.scripts import Script
from bot.tickets.ending import ENDED_WELL, Ending, Unanswered
from bot.tickets.queued import Queued
from bot.tickets.waits import ToldWait

NO_ANSWER = "no_answer"


@dataclass(frozen=True)
class StaffRef:
    """The id and name of a staff member, as tickets store them."""

    id: str
    name: str


@dataclass(frozen=True)
class Ticket:
    """One handoff until its end; times are in ms since 1970."""

    id: str
    conversation: str
    channel: Channel
    reason: HandoffReason
    priority: Priority
    team: str
    candidates: tuple[Candidate, ...]
    opened_at: int
    owner: StaffRef | None
    summary: str  # the citizen's latest text before the handoff, shortened
    state: TicketState = TicketState.WAITING
    returned: bool = False  # had an agent and was requeued, ahead of all tickets but emergencies
    claimed_at: int = 0
    unanswered_since: int = 0  # since when the owner owes the citizen an answer; 0 if none is owed
    by_phone: bool = False  # the citizen asked for a call-back; the assistant answers meanwhile
    told_wait: ToldWait | None = None  # the wait that the citizen was told last
    tell_near: bool = False  # the citizen asked to be told when their turn is near
    answered: str = ""  # question of the entry that staff sent last; '' for none
    sender: str = ""  # HMAC of the network of a web chat
    crowded: bool = False  # too many tickets came from there within an hour

    @property
    def closed(self) -> bool:
        return self.state is TicketState.CLOSED

    @property
    def rank(self) -> float:
        """Returns the ticket's rank in its queue, as ``queue_score`` in lua/lib/queue.lua computes it."""
        if not self.returned:
            behind = self.crowded and self.priority is not Priority.EMERGENCY
            return Priority.NORMAL.rank + 0.5 if behind else self.priority.rank
        return -0.5 if self.priority is Priority.EMERGENCY else 0.5

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
            candidates=tuple(Candidate.from_data(one) for one in json.loads(raw["candidates"])),
            opened_at=int(raw["opened_at"]),
            owner=owner,
            summary=raw["summary"],
            state=TicketState(raw["state"]),
            returned="returned" in raw,
            claimed_at=_ms(raw, "claimed_at"),
            unanswered_since=_ms(raw, "unanswered_since"),
            by_phone="by_phone" in raw,
            told_wait=ToldWait.from_text(raw.get("told_wait", "")),
            tell_near="tell_near" in raw,
            answered=raw.get("entry_question", ""),
            sender=raw.get("sender", ""),
            crowded="crowded" in raw,
        )


def _ms(raw: dict[str, str], name: str) -> int:
    return int(float(raw.get(name, 0)))


@dataclass(frozen=True)
class Said:
    """A staff member's reply to the citizen."""

    reply_id: str  # made by the page; repeated attempts carry the same id
    text: str
    files: tuple[Attachment, ...] = ()
    entry: Reply | None = None  # the FAQ answer that staff chose to send, with its source and provenance


@dataclass(frozen=True)
class Replied:
    """The event id of a staff member's reply, and whether the reply had already been sent."""

    event_id: str
    repeated: bool


class Tickets:
    """The tickets in Redis. Every change is one script, so two agents can never both claim a ticket."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._claim = Script(redis, "claim")
        self._next = Script(redis, "claim_next")
        self._auto_assign = Script(redis, "auto_assign")
        self._reply = Script(redis, "reply")
        self._close = Script(redis, "close")

    async def filled(self) -> bool:
        """Returns whether Redis has the open tickets; False after Redis lost its data, until they are recovered."""
        return bool(await self._redis.exists(keys.RESTORED))

    async def waiting(self, teams: Sequence[str] = ()) -> list[Ticket]:
        """Returns the waiting tickets of ``teams`` (of all teams if empty), in the order in which they are served."""
        queues = teams or list(await self._redis.smembers(keys.QUEUES))
        found = await ask_all(self._redis, lambda ask, team: ask.zrange(keys.queue_key(team), 0, -1), queues)
        tickets = await self._read([ticket for line in found for ticket in line])
        return sorted(tickets, key=lambda ticket: (ticket.rank, ticket.opened_at, len(ticket.id), ticket.id))

    async def queued(self, teams: Sequence[str] = ()) -> list[Queued]:
        """Returns the waiting tickets of ``teams`` (all if empty), in the order of service.

        Reads only the queues; ``several`` reads the tickets.
        """
        queues = list(teams or await self._redis.smembers(keys.QUEUES))
        lines = await ask_all(
            self._redis, lambda ask, team: ask.zrange(keys.queue_key(team), 0, -1, withscores=True), queues
        )
        found = [(score, len(id), id, team) for team, line in zip(queues, lines, strict=True) for id, score in line]
        return [Queued.from_score(id, team, score) for score, _, id, team in sorted(found)]

    async def count_waiting(self, team: str = "") -> int:
        """Returns the number of waiting tickets of a team, or of all teams for ''."""
        queues = [team] if team else list(await self._redis.smembers(keys.QUEUES))
        return sum(await ask_all(self._redis, lambda ask, line: ask.zcard(keys.queue_key(line)), queues))

    async def claimed(self) -> list[Ticket]:
        """Returns the claimed tickets, oldest first."""
        tickets = await self._read(list(await self._redis.smembers(keys.CLAIMED)))
        return sorted(tickets, key=lambda ticket: ticket.opened_at)

    async def snoozed(self) -> list[Ticket]:
        """Returns the snoozed tickets, sorted by the end of the snooze."""
        return await self._read(await self._redis.zrange(keys.SNOOZED, 0, -1))

    async def open(self) -> list[Ticket]:
        """Returns every ticket that is not closed."""
        return [*await self.waiting(), *await self.claimed(), *await self.snoozed(), *await self.callbacks()]

    async def callbacks(self) -> list[Ticket]:
        """Returns the tickets of scheduled call-backs, the next due first."""
        return await self._read(await self._redis.zrange(keys.CALLBACKS, 0, -1))

    async def overdue(self, now_ms: int) -> tuple[list[str], list[str]]:
        """Returns the ids of snoozed tickets whose snooze has ended, and of call-backs that are due."""
        positions = (keys.SNOOZED, keys.CALLBACKS)
        snoozed, callbacks = await ask_all(
            self._redis, lambda ask, place: ask.zrangebyscore(place, "-inf", now_ms), positions
        )
        return snoozed, callbacks

    async def get(self, ticket: str) -> Ticket | None:
        found = await self._read([ticket])
        return found[0] if found else None

    async def several(self, tickets: Sequence[str]) -> dict[str, Ticket]:
        """Returns the tickets with these ids as a map from id to ticket; unknown ids are left out."""
        return {ticket.id: ticket for ticket in await self._read(list(tickets))}

    async def claim(self, ticket: str, staff: StaffRef, notice: Reply) -> Ticket:
        """Claims the ticket for ``staff`` and notifies the citizen.

        Raises TicketTaken if it cannot be claimed; ``owner`` is the name of the agent who has it, '' if nobody has.
        """
        events = [event_of(notice)]
        answer, flat = await self._claim(ticket=ticket, staff=staff.id, name=staff.name, events=events)
        claimed = _readable(ticket, _pairs(flat)) if answer in {"ok", "mine"} else None
        if claimed is None:
            raise TicketTaken(ticket=ticket, owner=answer.removeprefix("taken:") if ":" in answer else "")
        return claimed

    async def claim_next(
        self, staff: StaffRef, teams: Sequence[str], notice: Reply, names: Mapping[str, str] | None = None
    ) -> Ticket | None:
        """Claims the first waiting ticket of ``teams`` (of all teams if empty); None if the queues are empty.

        ``names`` maps each team to the name that replaces ``{equipo}`` in the notice: only the script knows the team.
        """
        events, named = [event_of(notice)], dict(names or {})
        ticket, flat = await self._next(staff=staff.id, name=staff.name, teams=list(teams), events=events, names=named)
        return _readable(ticket, _pairs(flat)) if ticket else None

    async def auto_assign(self, notice: Reply, names: Mapping[str, str]) -> tuple[str, str] | None:
        """Assigns the first ticket that an available agent can take; of several agents, the best suited gets it.

        The Lua script fills in ``{nombre}`` and ``{equipo}`` of the notice; ``names`` are the teams' names. Returns
        (ticket, staff id), or None if no ticket can be assigned.
        """
        assigned = str(await self._auto_assign(events=[event_of(notice)], names=dict(names)))
        ticket, _, staff = assigned.partition(" ")
        return (ticket, staff) if assigned else None

    async def reply(self, ticket: str, staff: StaffRef, text: str, reply_id: str, *, entry: Reply | None = None) -> str:
        """Sends ``text`` to the citizen, once per ``reply_id``, and returns the event id. Raises TicketNotYours.

        ``entry``: the FAQ answer that the agent chose to send, with its source and provenance.
        """
        return (await self.say(ticket, staff, Said(reply_id, text, entry=entry))).event_id

    async def say(self, ticket: str, staff: StaffRef, said: Said) -> Replied:
        """Sends a reply, possibly with files, to the citizen; a repeated reply id is not sent again.

        Raises TicketNotYours.
        """
        entry = MessageFacts.of_reply(said.entry) if said.entry else MessageFacts()
        facts = replace(entry, name=staff.name, reply_id=said.reply_id, attachments=said.files)
        event_id, repeated = await self._reply(
            ticket=ticket, staff=staff.id, reply=said.reply_id, text=said.text, data=json.dumps(facts.to_data())
        )
        if not event_id:
            raise TicketNotYours(ticket=ticket)
        return Replied(str(event_id), repeated == 1)

    async def close(
        self,
        ticket: str,
        staff: StaffRef,
        notice: Reply | None,
        ending: Ending = ENDED_WELL,
        *,
        asks: Reply | None = None,
        unanswered: Unanswered | None = None,
    ) -> bool:
        """Closes the ticket and gives the conversation back to the assistant. Raises TicketNotYours.

        ``notice`` and then ``asks`` are sent to the citizen, who can press the buttons of ``asks``. Returns False, and
        leaves the ticket open, if the citizen wrote or was answered since ``unanswered`` was read.
        """
        notices = [one for one in (notice, asks) if one]
        note = None
        if text := ending.summary:
            note = {"id": f"close-{ticket}", "text": text, "staff": staff.id, "name": staff.name}
        closed = await self._close(
            ticket=ticket,
            staff=staff.id,
            outcome=ending.outcome,
            entry=ending.entry,
            note=note,
            events=[event_of(one) for one in notices],
            buttons=json.dumps([vars(button) for button in asks.buttons] if asks else []),
            unanswered=vars(unanswered) if unanswered else None,
        )
        if closed == 0:
            raise TicketNotYours(ticket=ticket)
        return bool(closed == 1)

    async def _read(self, tickets: list[str]) -> list[Ticket]:
        rows = await ask_all(self._redis, lambda ask, ticket: ask.hgetall(keys.ticket_key(ticket)), tickets)
        read = (_readable(ticket, raw) for ticket, raw in zip(tickets, rows, strict=True) if raw)
        return [ticket for ticket in read if ticket]


def _pairs(flat: list[str]) -> dict[str, str]:
    """Converts a hash that a script returned as a flat list into a dictionary."""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _readable(ticket: str, raw: dict[str, str]) -> Ticket | None:
    """Parses a ticket; logs one that cannot be parsed and returns None, so that the others are still served."""
    try:
        return Ticket.from_hash(ticket, raw)
    except (KeyError, TypeError, ValueError) as error:
        log.error("tickets: unreadable ticket skipped", ticket=ticket, error=type(error).__name__)
        return None
