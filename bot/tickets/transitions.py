"""What happens to a ticket between its claim and its end: it waits for the citizen, goes to another, back to the line.

Called by bot/handoff; every change is one script. ``mover`` may move anybody's ticket when it ``commands``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from bot.conversation.inbox import event_of
from bot.core.errors import StaffAbsent, TicketNotYours
from bot.core.messages import Reply
from bot.store import keys
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
class Mover:
    """Who moves a ticket: its owner, or somebody who ``commands`` and may move anybody's."""

    staff: StaffRef
    commands: bool = False


@dataclass(frozen=True)
class Note:
    """What staff tell staff; no citizen ever sees it. The same ``id`` again is not noted twice."""

    id: str
    text: str

    def to_json(self, author: StaffRef) -> str:
        return json.dumps({"id": self.id, "text": self.text, "staff": author.id, "name": author.name})


class Moves:
    """Every method is one round trip and may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._snooze = Script(redis, keys.SNOOZE)
        self._wake = Script(redis, keys.WAKE)
        self._to_line = Script(redis, keys.TO_LINE)
        self._to_person = Script(redis, keys.TO_PERSON)
        self._take_back = Script(redis, keys.TAKE_BACK)
        self._give_up_waiting = Script(redis, keys.GIVE_UP_WAITING)
        self._call_back = Script(redis, keys.CALL_BACK)
        self._fall_due = Script(redis, keys.FALL_DUE)
        self._change_team = Script(redis, keys.CHANGE_TEAM)
        self._note = Script(redis, keys.NOTE_DOWN)

    async def snooze(self, ticket: str, staff: StaffRef, until_ms: int) -> None:
        """The ticket stays theirs and waits for the citizen's next words. Raises TicketNotYours."""
        _theirs(ticket, await self._snooze(ticket, staff.id, until_ms))

    async def wake(self, ticket: str, staff: StaffRef) -> None:
        """Its owner goes on with a snoozed ticket. Raises TicketNotYours."""
        _theirs(ticket, await self._wake(ticket, staff.id))

    async def to_line(
        self, ticket: str, mover: Mover, why: Why, notice: Reply, *, team: str = "", note: Note | None = None
    ) -> None:
        """Back to the head of its line, or into the line of another ``team``. Raises TicketNotYours."""
        commands, head = int(mover.commands), int(not team)
        noted = note.to_json(mover.staff) if note else ""
        told = json.dumps([event_of(notice)])
        _theirs(ticket, await self._to_line(ticket, mover.staff.id, commands, team, head, why, noted, told))

    async def to_person(
        self, ticket: str, mover: Mover, why: Why, notice: Reply, *, to: StaffRef, note: Note | None = None
    ) -> None:
        """The ticket becomes ``to``'s. Raises StaffAbsent when they are not there, TicketNotYours."""
        commands, noted = int(mover.commands), note.to_json(mover.staff) if note else ""
        told = json.dumps([event_of(notice)])
        answer = await self._to_person(ticket, mover.staff.id, commands, to.id, to.name, why, noted, told)
        if answer == "absent":
            raise StaffAbsent(staff=to.id)
        _theirs(ticket, answer in {"ok", "mine"})

    async def take_back(self, ticket: str, patience_ms: int, vanished: Reply, silent: Reply) -> Why | None:
        """Returns a ticket whose owner is gone, or owes an answer for ``patience_ms`` (0: never mind). Why, if so."""
        told = (json.dumps([event_of(notice)]) for notice in (vanished, silent))
        answer = str(await self._take_back(ticket, patience_ms, *told))
        return Why(answer) if answer else None

    async def give_up_waiting(self, ticket: str, outcome: str, notice: Reply | None) -> bool:
        """Closes a ticket that was snoozed longer than agreed; False when it is not so any more."""
        told = json.dumps([event_of(notice)] if notice else [])
        return bool(await self._give_up_waiting(ticket, outcome, told) == 1)

    async def call_again(self, ticket: str, staff: StaffRef, due_ms: int) -> None:
        """Its owner gives it up: the citizen is to be called at ``due_ms``, the assistant speaks meanwhile. Raises
        TicketNotYours."""
        _theirs(ticket, await self._call_back(ticket, staff.id, due_ms))

    async def fall_due(self, ticket: str) -> bool:
        """Puts a call-back whose moment has come into its team's line."""
        return bool(await self._fall_due(ticket) == 1)

    async def change_team(self, ticket: str, old: str, new: str) -> bool:
        """The ticket becomes another team's, where it is; False when it is over or not the ``old`` team's any more."""
        return bool(await self._change_team(ticket, old, new) == 1)

    async def note(self, ticket: str, author: StaffRef, note: Note) -> str:
        """Notes something for staff only. Returns the feed id, '' when the ticket is over."""
        return str(await self._note(ticket, note.to_json(author)))


def _theirs(ticket: str, done: object) -> None:
    if not done:
        raise TicketNotYours(ticket=ticket)
