"""Moves tickets between agents, queues and states, reopens conversations, and adds notes; each change is one script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from bot.conversation.event_log_entry import event_of
from bot.core.errors.tickets import StaffAbsent, TicketNotYours
from bot.core.messages import Reply
from bot.store.client import Store
from bot.store.scripts import Script
from bot.tickets.ending import Unanswered
from bot.tickets.ticket import StaffRef


class Why(StrEnum):
    """The reason why a ticket moved to a queue or to an agent.

    VANISHED: the owner's browser was gone. SILENT: the owner did not answer in time.
    """

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
    """The staff member who moves a ticket: the ticket's owner, or a supervisor, who may move any ticket."""

    staff: StaffRef
    supervises: bool = False


@dataclass(frozen=True)
class Note:
    """A staff-only note; a second note with the same ``id`` is not stored."""

    id: str
    text: str

    def to_dict(self, author: StaffRef) -> dict[str, str]:
        return {"id": self.id, "text": self.text, "staff": author.id, "name": author.name}


class Transitions:
    """The transitions of tickets in Redis; every method takes one round trip and may raise redis.RedisError."""

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
        self._reopen = Script(redis, "reopen")

    async def snooze(self, ticket: str, staff: StaffRef, until_ms: int, unanswered: Unanswered | None = None) -> bool:
        """Snoozes a ticket of ``staff`` until the citizen writes, but at most until ``until_ms`` (ms since 1970).

        Raises TicketNotYours. Returns False, and changes nothing, if the citizen wrote or was answered since
        ``unanswered`` was read.
        """
        left = asdict(unanswered) if unanswered else None
        done = await self._snooze(ticket=ticket, staff=staff.id, until_ms=until_ms, unanswered=left)
        _theirs(ticket, done)
        return bool(done == 1)

    async def wake(self, ticket: str, staff: StaffRef) -> None:
        """Ends the snooze of a ticket of ``staff``, who attends it again. Raises TicketNotYours."""
        _theirs(ticket, await self._wake(ticket=ticket, staff=staff.id))

    async def requeue(
        self, ticket: str, actor: Actor, why: Why, notice: Reply, *, team: str = "", note: Note | None = None
    ) -> None:
        """Puts a ticket back at the head of its queue or, with ``team``, into that team's queue.

        Sends the citizen ``notice`` and adds ``note``, if given. Raises TicketNotYours.
        """
        done = await self._requeue(
            ticket=ticket,
            staff=actor.staff.id,
            by=actor.staff.name,
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
        """Assigns the ticket to the agent ``to``, sends the citizen ``notice`` and adds ``note``, if given.

        Raises TicketNotYours, and StaffAbsent if ``to`` is absent.
        """
        answer = await self._assign(
            ticket=ticket,
            staff=actor.staff.id,
            by=actor.staff.name,
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
        """Requeues a ticket whose owner is absent, or has owed an answer for ``patience_ms`` ms (0 means no limit).

        Sends the notice ``vanished`` or ``silent`` and returns the reason; returns None if the owner keeps the ticket.
        An owner who did not answer becomes ``away``.
        """
        answer = await self._reclaim(
            ticket=ticket,
            patience_ms=patience_ms,
            vanished_events=[event_of(vanished)],
            silent_events=[event_of(silent)],
        )
        return Why(answer) if answer else None

    async def close_abandoned(self, ticket: str, outcome: str, notice: Reply, back: Reply) -> bool:
        """Closes a ticket whose snooze has ended, and sends the citizen ``notice``.

        If an agent still owes the citizen an answer, puts the ticket back at the head of its queue instead, sends
        ``back``, and returns False. Returns False, and changes nothing, if the ticket is not snoozed or its snooze has
        not ended.
        """
        closed = await self._close_abandoned(
            ticket=ticket, outcome=outcome, events=[event_of(notice)], back_events=[event_of(back)]
        )
        return bool(closed == 1)

    async def schedule_callback(self, ticket: str, staff: StaffRef, due_ms: int) -> None:
        """Turns a ticket of ``staff`` into a call-back due at ``due_ms`` (ms since 1970).

        Until then the assistant answers. Raises TicketNotYours.
        """
        _theirs(ticket, await self._call_back(ticket=ticket, staff=staff.id, due_ms=due_ms))

    async def enqueue_due_callback(self, ticket: str) -> bool:
        """Puts a due call-back into its team's queue; returns False if the call-back is not due."""
        return bool(await self._enqueue_due_callback(ticket=ticket) == 1)

    async def change_team(self, ticket: str, old: str, new: str) -> bool:
        """Moves the ticket from team ``old`` to ``new`` without changing its state.

        Returns False, and changes nothing, if the ticket is closed or does not belong to ``old``.
        """
        return bool(await self._change_team(ticket=ticket, old=old, new=new) == 1)

    async def reopen(self, conversation: str, staff: StaffRef, handoff: Mapping[str, str], notice: Reply) -> str:
        """Opens a ticket for ``staff`` in a conversation without an open one, and notifies the citizen.

        Returns the ticket's id; '' if the conversation no longer exists or has an open ticket, or if tickets are not
        recovered yet.
        """
        opened = await self._reopen(
            conversation=conversation, staff=staff.id, name=staff.name, handoff=handoff, events=[event_of(notice)]
        )
        return str(opened)

    async def note(self, ticket: str, author: StaffRef, note: Note, named: Sequence[str] = ()) -> str:
        """Adds a staff-only note, notifies the agents whose ids are in ``named``, and returns the note's event id.

        Returns '' if the ticket is closed.
        """
        return str(await self._note(ticket=ticket, note=note.to_dict(author), named=list(named)))


def _theirs(ticket: str, done: object) -> None:
    if not done:
        raise TicketNotYours(ticket=ticket)
