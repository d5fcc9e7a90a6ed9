"""Reads pending approvals (answers that wait a few seconds for an agent's approval) and applies the decisions on them.

The commit of a turn creates pending approvals. The first decision counts; until then, nothing else in the conversation
is answered.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.conversation.change import ticket_of
from bot.conversation.event_log_entry import EventLogEntry, event_of, offer_of
from bot.conversation.inbox import Restore
from bot.core.errors.tickets import AlreadyDecided
from bot.core.logs import log
from bot.core.messages import Button, Channel, Handoff, Provenance, Reply
from bot.store import keys
from bot.store.client import Store
from bot.store.commands import ask_all
from bot.store.scripts import Script
from bot.store.words import WordsLocked
from bot.tickets.ticket import StaffRef

NOBODY = StaffRef("", "")

Revise = Callable[[EventLogEntry], EventLogEntry]


def unchanged(line: EventLogEntry) -> EventLogEntry:
    return line


class Verdict(StrEnum):
    """The decision on a pending approval."""

    APPROVED = "approved"
    REJECTED = "rejected"
    TAKEN = "taken"  # the agent answers instead
    EXPIRED = "expired"  # no agent decided in time; the answer is sent
    OVERTAKEN = "overtaken"  # a later message of the citizen cannot wait; the answer is sent


@dataclass(frozen=True)
class PendingApproval:
    """An answer that waits for approval."""

    id: str
    conversation: str
    channel: Channel
    words: str  # the citizen's text that the answer replies to
    lines: tuple[EventLogEntry, ...]  # the answer's messages, as they were when it began to wait
    due_ms: int  # when the answer is sent if no agent has decided, in ms since 1970
    team: str = ""  # the team whose agents decide
    buttons: tuple[Button, ...] = ()  # offered to the citizen once the answer is sent
    revise: Revise = unchanged  # returns what public notices that began since put in the place of a message

    @property
    def sent(self) -> tuple[EventLogEntry, ...]:
        """Returns the messages that are sent now if the answer is approved."""
        revised = [self.revise(line) for line in self.lines]
        return tuple(line for place, line in enumerate(revised) if line not in revised[:place])

    @property
    def text(self) -> str:
        return "\n\n".join(line.text for line in self.sent)

    @property
    def notices(self) -> list[str]:
        """Returns the ids of the public notices in what is sent."""
        return [line.facts.notice for line in self.sent if line.facts.notice]

    @property
    def proofs(self) -> tuple[Provenance, ...]:
        """Returns the provenance of each of the answer's messages that has one."""
        return tuple(line.facts.provenance for line in self.lines if line.facts.provenance)

    @property
    def is_readable(self) -> bool:
        """Returns False if a text of the answer is damaged or was given up, so that the answer must not be sent."""
        return all(line.text for line in self.sent)

    def approved_by(self, name: str) -> tuple[EventLogEntry, ...]:
        """Returns the answer's messages with ``name`` as the approver in their provenance."""
        return tuple(_approved(line, name) for line in self.sent)


@dataclass(frozen=True)
class Replacement:
    """The handoff and the notice to the citizen that replace a discarded answer."""

    handoff: Handoff
    notice: Reply


class PendingApprovals:
    """The pending approvals in Redis; every method may raise redis.RedisError.

    ``pending`` and ``due`` leave out an approval whose key is missing; ``get`` then raises WordsLocked, a RedisError.
    ``restore`` recovers open tickets from the record after Redis lost its data; ``reject`` and ``take`` call this
    function then, and may raise SQLAlchemyError. ``revise`` replaces messages of an answer, since
    public notices may begin while it waits.
    """

    def __init__(self, redis: Store, restore: Restore, revise: Revise = unchanged) -> None:
        self._redis = redis
        self._restore = restore
        self._revise = revise
        self._decide = Script(redis, "decide")

    async def pending(self) -> list[PendingApproval]:
        """Returns the undecided approvals, the next due first."""
        return await self._read(await self._redis.zrange(keys.APPROVALS, 0, -1))

    async def due(self, now_ms: int) -> list[PendingApproval]:
        """Returns the undecided approvals that are due at ``now_ms``."""
        return await self._read(await self._redis.zrangebyscore(keys.APPROVALS, "-inf", now_ms))

    async def get(self, approval: str) -> PendingApproval:
        """Returns an undecided approval. Raises AlreadyDecided if it is decided or does not exist."""
        raw = await self._redis.hgetall(keys.approval_key(approval))
        if "events" not in raw:
            raise AlreadyDecided(approval=approval, by=raw.get("by", ""))
        return self._approval(approval, raw)

    async def approve(self, approval: PendingApproval, staff: StaffRef) -> None:
        """Sends the answer, with the approver in its provenance. Raises AlreadyDecided."""
        await self._settle(approval, Verdict.APPROVED, staff, approval.approved_by(staff.name))

    async def reject(self, approval: PendingApproval, staff: StaffRef, instead: Replacement) -> None:
        """Discards the answer, sends the notice and opens the ticket of ``instead``. Raises AlreadyDecided.

        A citizen whom staff blocked gets neither notice nor ticket.
        """
        await self._settle(approval, Verdict.REJECTED, staff, instead=instead)

    async def take(self, approval: PendingApproval, staff: StaffRef, instead: Replacement) -> None:
        """Discards the answer and opens a ticket that ``staff`` claims immediately. Raises AlreadyDecided."""
        await self._settle(approval, Verdict.TAKEN, staff, instead=instead)

    async def expire(self, approval: PendingApproval) -> bool:
        """Sends the answer if its deadline has passed and no agent has decided; returns whether it was sent."""
        return await self._answered(approval, Verdict.EXPIRED, NOBODY, approval.sent) == "ok"

    async def overtake(self, approval: str) -> None:
        """Sends the answer because a later message cannot wait; does nothing if the approval is already decided.

        A damaged answer is discarded instead.
        """
        for found in await self._read([approval]):
            await self._answered(found, Verdict.OVERTAKEN, NOBODY, found.sent if found.is_readable else ())

    async def _settle(
        self,
        approval: PendingApproval,
        decision: Verdict,
        staff: StaffRef,
        lines: Sequence[EventLogEntry] = (),
        instead: Replacement | None = None,
    ) -> None:
        answer = await self._answered(approval, decision, staff, lines, instead)
        if answer == "empty":
            await self._restore()
            answer = await self._answered(approval, decision, staff, lines, instead)
        if answer != "ok":
            raise AlreadyDecided(approval=approval.id, by=answer.partition(":")[2])

    async def _answered(
        self,
        approval: PendingApproval,
        decision: Verdict,
        staff: StaffRef,
        lines: Sequence[EventLogEntry],
        instead: Replacement | None = None,
    ) -> str:
        notice = instead.notice if instead else None
        buttons = notice.buttons if notice else approval.buttons
        answer = await self._decide(
            approval=approval.id,
            decision=decision,
            staff=staff.id,
            name=staff.name,
            withheld=approval.text if instead else "",
            events=[event_of(notice)] if notice else [line.to_dict() for line in lines],
            buttons=offer_of(buttons),
            handoff=ticket_of(instead.handoff, approval.words) if instead else None,
            notices=[] if instead else approval.notices,
        )
        return str(answer)

    async def _read(self, pending_approvals: Sequence[str]) -> list[PendingApproval]:
        rows = await ask_all(self._redis, lambda ask, one: ask.hgetall(keys.approval_key(one)), pending_approvals)
        found = []
        for approval, raw in zip(pending_approvals, rows, strict=True):
            try:
                found += [self._approval(approval, raw)] if "events" in raw else []
            except WordsLocked as error:
                log.error("approvals: answer waits for its key", approval=approval, **error.facts)
        return found

    def _approval(self, approval: str, raw: dict[str, str]) -> PendingApproval:
        return _approval(approval, self._redis.words.opened_or_blank(raw["conversation"], raw), self._revise)


def _approval(approval: str, raw: dict[str, str], revise: Revise) -> PendingApproval:
    events = json.loads(raw["events"])
    lines = tuple(EventLogEntry.from_dict(one) for one in events)
    valid = [one for one, line in zip(events, lines, strict=True) if revise(line) == line]
    return PendingApproval(
        id=approval,
        conversation=raw["conversation"],
        channel=Channel(raw["channel"]),
        words=raw["words"],
        lines=lines,
        due_ms=int(float(raw["due"])),
        team=raw.get("team", ""),
        buttons=tuple(Button(**button) for one in valid for button in one.get("buttons", ())),
        revise=revise,
    )


def _approved(line: EventLogEntry, name: str) -> EventLogEntry:
    proof = line.facts.provenance
    approved = replace(proof, approved_by=name) if proof else None
    return replace(line, facts=replace(line.facts, provenance=approved))
