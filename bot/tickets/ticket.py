"""Defines a ticket, as its hash in Redis describes it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.core.event_facts import TicketState
from bot.core.messages import Candidate, Channel, HandoffReason, Priority
from bot.tickets.announced_wait import AnnouncedWait


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
    returned: bool = False  # the ticket had an agent and was requeued, ahead of all tickets but emergencies
    claimed_at: int = 0
    unanswered_since: int = 0  # since when the owner owes the citizen an answer; 0 if none is owed
    by_phone: bool = False  # the citizen asked for a call-back; the assistant answers meanwhile
    announced_wait: AnnouncedWait | None = None  # the wait that the citizen was last shown
    notify_near: bool = False  # the citizen asked for a notice when their turn is near
    answered: str = ""  # question of the entry that staff sent last; '' if none
    same_sender: str = ""  # id of the first ticket of the same network within an hour; web chat only
    crowded: bool = False  # more than TICKETS_PER_SENDER tickets came from this network within an hour

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
        """Parses a ticket's Redis hash, including ``told_wait`` and ``tell_near`` of older releases."""
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
            announced_wait=AnnouncedWait.from_text(raw.get("announced_wait", raw.get("told_wait", ""))),
            notify_near="notify_near" in raw or "tell_near" in raw,
            answered=raw.get("entry_question", ""),
            same_sender=raw.get("same_sender", ""),
            crowded="crowded" in raw,
        )


def _ms(raw: dict[str, str], name: str) -> int:
    return int(float(raw.get(name, 0)))
