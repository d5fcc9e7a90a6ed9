"""Tickets: conversations that wait for a person or have one. Called by bot/handoff; opened by the worker's commit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.conversation.feed_line import event_of
from bot.core.errors import TicketNotYours, TicketTaken
from bot.core.event_facts import MessageFacts, TicketState
from bot.core.logs import log
from bot.core.messages import Attachment, Candidate, Channel, HandoffReason, Priority, Reply
from bot.store import keys
from bot.store.client import Store
from bot.store.commands import ask_all
from bot.store.scripts import Script
from bot.tickets.ending import ENDED_WELL, Ending, Unanswered

NO_ANSWER = "no_answer"


@dataclass(frozen=True)
class StaffRef:
    """A member of staff as tickets name them."""

    id: str
    name: str


@dataclass(frozen=True)
class Ticket:
    """One handoff. Moments in milliseconds; ``summary`` is the citizen's last words before it; ``returned``: it had a
    person and is at the head of its line again; ``unanswered_since``: since when its owner owes an answer, 0 if not;
    ``by_phone``: its citizen asked to be called back, and talks with the assistant meanwhile; ``told_wait_ms``:
    the usual wait, as the citizen knows it; ``answered``: the question of the entry that staff sent last, '' for none.
    """

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
    state: TicketState = TicketState.WAITING
    returned: bool = False
    claimed_at: int = 0
    unanswered_since: int = 0
    by_phone: bool = False
    told_wait_ms: int = 0
    answered: str = ""

    @property
    def closed(self) -> bool:
        return self.state is TicketState.CLOSED

    @property
    def rank(self) -> float:
        """Its order in the line, then comes the moment of opening; as the script ``score`` reckons it."""
        if not self.returned:
            return self.priority.rank
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
            told_wait_ms=_ms(raw, "told_wait"),
            answered=raw.get("entry_question", ""),
        )


def _ms(raw: dict[str, str], name: str) -> int:
    return int(float(raw.get(name, 0)))


@dataclass(frozen=True)
class Said:
    """What a member of staff says: ``reply_id`` is the page's own, the same for each attempt; ``entry`` the answer that
    they chose to send, with its source and proof."""

    reply_id: str
    text: str
    files: tuple[Attachment, ...] = ()
    entry: Reply | None = None


@dataclass(frozen=True)
class Replied:
    """The feed id of what was said, and whether it had been said before."""

    event_id: str
    repeated: bool


class Tickets:
    """The waiting lines and who has what. Every change is one script, so two people can never both win.

    What else happens to a ticket on its way is in moves.py.
    """

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._claim = Script(redis, "claim")
        self._next = Script(redis, "claim_next")
        self._auto_assign = Script(redis, "auto_assign")
        self._reply = Script(redis, "reply")
        self._close = Script(redis, "close")

    async def filled(self) -> bool:
        """False when Redis was lost: it does not hold the record's open tickets."""
        return bool(await self._redis.exists(keys.RESTORED))

    async def waiting(self, teams: Sequence[str] = ()) -> list[Ticket]:
        """Waiting tickets in the order in which they are served: of these teams, or of all."""
        lines = teams or list(await self._redis.smembers(keys.QUEUES))
        found = await ask_all(self._redis, lambda ask, team: ask.zrange(keys.queue_key(team), 0, -1), lines)
        tickets = await self._read([ticket for line in found for ticket in line])
        return sorted(tickets, key=lambda ticket: (ticket.rank, ticket.opened_at, len(ticket.id), ticket.id))

    async def count_waiting(self, team: str = "") -> int:
        """How many wait for a team, or in all."""
        lines = [team] if team else list(await self._redis.smembers(keys.QUEUES))
        return sum(await ask_all(self._redis, lambda ask, line: ask.zcard(keys.queue_key(line)), lines))

    async def claimed(self) -> list[Ticket]:
        """Tickets that a person has, oldest first."""
        tickets = await self._read(list(await self._redis.smembers(keys.CLAIMED)))
        return sorted(tickets, key=lambda ticket: ticket.opened_at)

    async def snoozed(self) -> list[Ticket]:
        """Tickets whose person waits for the citizen's next words; first those that wait no longer soon."""
        return await self._read(await self._redis.zrange(keys.SNOOZED, 0, -1))

    async def open(self) -> list[Ticket]:
        """Every ticket that is not over."""
        return [*await self.waiting(), *await self.claimed(), *await self.snoozed(), *await self.callbacks()]

    async def callbacks(self) -> list[Ticket]:
        """Tickets of citizens who are to be called, the next one first."""
        return await self._read(await self._redis.zrange(keys.CALLBACKS, 0, -1))

    async def overdue(self, now_ms: int) -> tuple[list[str], list[str]]:
        """Tickets that were snoozed until now, and those whose citizen is to be called now."""
        positions = (keys.SNOOZED, keys.CALLBACKS)
        snoozed, callbacks = await ask_all(
            self._redis, lambda ask, place: ask.zrangebyscore(place, "-inf", now_ms), positions
        )
        return snoozed, callbacks

    async def get(self, ticket: str) -> Ticket | None:
        found = await self._read([ticket])
        return found[0] if found else None

    async def several(self, tickets: Sequence[str]) -> dict[str, Ticket]:
        """Those of them that are known, by id."""
        return {ticket.id: ticket for ticket in await self._read(list(tickets))}

    async def claim(self, ticket: str, staff: StaffRef, notice: Reply) -> Ticket:
        """Gives the ticket to ``staff`` and tells the citizen.

        Raises TicketTaken (owner='' when it no longer waits).
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
        """Gives ``staff`` the first ticket that waits for one of the teams (of any, if none is named), if any does.

        ``names``: of the teams, for ``{equipo}`` in the notice, since only then it is known which.
        """
        events, named = [event_of(notice)], dict(names or {})
        ticket, flat = await self._next(staff=staff.id, name=staff.name, teams=list(teams), events=events, names=named)
        return _readable(ticket, _pairs(flat)) if ticket else None

    async def auto_assign(self, notice: Reply, names: Mapping[str, str]) -> tuple[str, str] | None:
        """Gives the first of the lines to the least busy agent who serves it; (ticket, staff id), None if none fits."""
        given = str(await self._auto_assign(events=[event_of(notice)], names=dict(names)))
        ticket, _, staff = given.partition(" ")
        return (ticket, staff) if given else None

    async def reply(self, ticket: str, staff: StaffRef, text: str, reply_id: str, *, entry: Reply | None = None) -> str:
        """Says ``text`` to the citizen; the same ``reply_id`` again is not said twice. Returns the feed id.

        ``entry``: the answer that the staff chose to send, with its source and proof. Raises TicketNotYours.
        """
        return (await self.say(ticket, staff, Said(reply_id, text, entry=entry))).event_id

    async def say(self, ticket: str, staff: StaffRef, said: Said) -> Replied:
        """As ``reply``, perhaps with files. Raises TicketNotYours."""
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
        """Gives the conversation back to the assistant and tells the citizen; ``asks`` is said after the notice, and
        its buttons can be pressed. False when more than ``unanswered`` stands there by now. Raises TicketNotYours.
        """
        told = [one for one in (notice, asks) if one]
        note = None
        if text := ending.summary:
            note = {"id": f"close-{ticket}", "text": text, "staff": staff.id, "name": staff.name}
        closed = await self._close(
            ticket=ticket,
            staff=staff.id,
            outcome=ending.outcome,
            entry=ending.entry,
            note=note,
            events=[event_of(one) for one in told],
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
    """A hash as a script returns it."""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _readable(ticket: str, raw: dict[str, str]) -> Ticket | None:
    """None, and a word in the log, for a ticket that cannot be read: the others are not to suffer from it."""
    try:
        return Ticket.from_hash(ticket, raw)
    except (KeyError, TypeError, ValueError) as error:
        log.error("ticket cannot be read", ticket=ticket, error=type(error).__name__)
        return None
