"""What happens to a ticket between its claim and its end: it waits for the citizen, goes to another, back to the line.

Called by bot/handoff; every change is one script. ``actor`` may move anybody's ticket when it ``supervises``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.conversation.feed_line import event_of
from bot.core.errors import StaffAbsent, TicketNotYours
from bot.core.messages import Reply
from bot.store.client import Store
from bot.store.scripts import Script
from bot.tickets.tickets import StaffRef


class Why(StrEnum):
    """Why a ticket went back to a line or to another person."""

    VANISHED = "vanished"
    SILENT = "silent"
    RELEASED = "released"
    SHIFT_END = "shift_end"
    TRANSFER = "transfer"
    TAKEN_OVER = "taken_over"
    WOKEN = "woken"
    CALLBACK_DUE = "callback_due"


@dataclass(frozen=True)
class Actor:
    """Who moves a ticket: its owner, or somebody who ``supervises`` and may move anybody's."""

    staff: StaffRef
    supervises: bool = False


@dataclass(frozen=True)
class Note:
    """What staff tell staff; no citizen ever sees it. The same ``id`` again is not noted twice."""

    id: str
    text: str

    def to_dict(self, author: StaffRef) -> dict[str, str]:
        return {"id": self.id, "text": self.text, "staff": author.id, "name": author.name}


class Transitions:
    """Every method is one round trip and may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._snooze = Script(redis, "snooze")
        self._wake = Script(redis, "wake")
        self._requeue = Script(redis, "requeue")
        self._assign = Script(redis, "assign")
        self._reclaim = Script(redis, "reclaim")
        self._close_abandoned = Script(redis, "close_snoozed")
        self._call_back = Script(redis, "schedule_callback")
        self._enqueue_due_callback = Script(redis, "enqueue_due_callback")
        self._change_team = Script(redis, "change_team")
        self._note = Script(redis, "add_note")

    async def snooze(self, ticket: str, staff: StaffRef, until_ms: int) -> None:
        """The ticket stays theirs and waits for the citizen's next words. Raises TicketNotYours."""
        _theirs(ticket, await self._snooze(ticket=ticket, staff=staff.id, until_ms=until_ms))

    async def wake(self, ticket: str, staff: StaffRef) -> None:
        """Its owner goes on with a snoozed ticket. Raises TicketNotYours."""
        _theirs(ticket, await self._wake(ticket=ticket, staff=staff.id))

    async def requeue(
        self, ticket: str, actor: Actor, why: Why, notice: Reply, *, team: str = "", note: Note | None = None
    ) -> None:
        """Back to the head of its line, or into the line of another ``team``. Raises TicketNotYours."""
        done = await self._requeue(
            ticket=ticket,
            staff=actor.staff.id,
            supervises=actor.supervises,
            team=team,
            to_head=not team,
            why=why,
            note=note.to_dict(actor.staff) if note else None,
            events=[event_of(notice)],
        )
        _theirs(ticket, done)

    async def assign(
        self, ticket: str, actor: Actor, why: Why, notice: Reply, *, to: StaffRef, note: Note | None = None
    ) -> None:
        """The ticket becomes ``to``'s. Raises StaffAbsent when they are not there, TicketNotYours."""
        answer = await self._assign(
            ticket=ticket,
            staff=actor.staff.id,
            supervises=actor.supervises,
            owner=to.id,
            owner_name=to.name,
            why=why,
            note=note.to_dict(actor.staff) if note else None,
            events=[event_of(notice)],
        )
        if answer == "absent":
            raise StaffAbsent(staff=to.id)
        _theirs(ticket, answer in {"ok", "mine"})

    async def reclaim(self, ticket: str, patience_ms: int, vanished: Reply, silent: Reply) -> Why | None:
        """Returns a ticket whose owner is gone, or owes an answer for ``patience_ms`` (0: never mind). Why, if so."""
        answer = await self._reclaim(
            ticket=ticket,
            patience_ms=patience_ms,
            vanished_events=[event_of(vanished)],
            silent_events=[event_of(silent)],
        )
        return Why(answer) if answer else None

    async def close_abandoned(self, ticket: str, outcome: str, notice: Reply | None) -> bool:
        """Closes a ticket that was snoozed longer than agreed; False when it is not so any more."""
        events = [event_of(notice)] if notice else []
        return bool(await self._close_abandoned(ticket=ticket, outcome=outcome, events=events) == 1)

    async def schedule_callback(self, ticket: str, staff: StaffRef, due_ms: int) -> None:
        """Its owner gives it up: the citizen is to be called at ``due_ms``, the assistant speaks meanwhile. Raises
        TicketNotYours."""
        _theirs(ticket, await self._call_back(ticket=ticket, staff=staff.id, due_ms=due_ms))

    async def enqueue_due_callback(self, ticket: str) -> bool:
        """Puts a call-back whose moment has come into its team's line."""
        return bool(await self._enqueue_due_callback(ticket=ticket) == 1)

    async def change_team(self, ticket: str, old: str, new: str) -> bool:
        """The ticket becomes another team's, where it is; False when it is over or not the ``old`` team's any more."""
        return bool(await self._change_team(ticket=ticket, old=old, new=new) == 1)

    async def note(self, ticket: str, author: StaffRef, note: Note) -> str:
        """Notes something for staff only. Returns the feed id, '' when the ticket is over."""
        return str(await self._note(ticket=ticket, note=note.to_dict(author)))


def _theirs(ticket: str, done: object) -> None:
    if not done:
        raise TicketNotYours(ticket=ticket)
