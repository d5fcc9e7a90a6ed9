"""Hands a conversation to a person when its turns cannot be committed, so that no citizen waits in silence.

A turn fails for good if the conversation cannot be read, or if the script that commits the turn refuses it with an
error. Failures are counted in this process: after ATTEMPTS of them, or one attempt that hung, the citizen gets an
apology, or the emergency number, and a ticket, and the messages leave the inbox; staff read them in the transcript.
"""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.change import ticket_of
from bot.conversation.event_log_entry import event_of
from bot.conversation.inbox import Inbox
from bot.core.logs import log
from bot.core.messages import CitizenMessage, Handoff, Priority
from bot.metrics.measures import Fault
from bot.store.client import Store
from bot.store.scripts import Script
from bot.tickets.faults import Faults
from bot.turns.emergency import told_danger
from bot.turns.outcome import Decision
from bot.turns.turns import Turns

ATTEMPTS = 6  # RECLAIM_IDLE_MS apart, so that a citizen waits for about half a minute
MAX_COUNTED = 10_000


class StuckTurns:
    """Counts the failed attempts at each entry of the work queue, and ends them after ATTEMPTS."""

    def __init__(self, redis: Store, inbox: Inbox, turns: Turns) -> None:
        self._inbox, self._turns, self._faults = inbox, turns, Faults(redis)
        self._give_up_turn = Script(redis, "give_up_turn")
        self._failures: dict[str, int] = {}

    def succeeded(self, entry: str) -> None:
        """Forgets the failures of an entry."""
        self._failures.pop(entry, None)

    async def failed(self, conversation: str, entry: str) -> None:
        """Counts a failed attempt and, after ATTEMPTS of them, hands the conversation to a person; never raises."""
        self._failures[entry] = self._failures.get(entry, 0) + 1
        if len(self._failures) > MAX_COUNTED:  # another process has answered the oldest ones long ago
            del self._failures[next(iter(self._failures))]
        if self._failures.get(entry, 0) >= ATTEMPTS:
            await self._give_up(conversation, entry)

    async def commit_failed(self, oldest: CitizenMessage, entry: str) -> None:
        """Ends the attempts if a script failed after it took ``oldest`` from the inbox, so that nobody would answer it.

        Redis does not undo what a script did before it failed. Raises RedisError.
        """
        pending = await self._inbox.pending(oldest.conversation)
        if not pending or pending[0].id != oldest.id:
            await self._give_up(oldest.conversation, entry)

    async def hung(self, conversation: str, entry: str) -> None:
        """Records that an attempt exceeded the time limit, and hands the conversation to a person; never raises."""
        await self._faults.note(conversation, Fault.HUNG)
        await self._give_up(conversation, entry)

    async def _give_up(self, conversation: str, entry: str) -> None:
        try:
            decision, words = await self._decided(conversation)
            handoff = ticket_of(decision.handoff, words) if decision.handoff else None
            given = {
                "conversation": conversation,
                "entry": entry,
                "events": [event_of(reply) for reply in decision.replies],
                "handoff": handoff,
                "raised": decision.change.escalate_to or _urgency(decision.handoff),
            }
            if await self._give_up_turn(**given) == 1:
                await self._faults.note(conversation, Fault.GIVEN_UP)
                self.succeeded(entry)
        except Exception:
            log.exception("turn: not given up, retrying", conversation=conversation)

    async def _decided(self, conversation: str) -> tuple[Decision, str]:
        """Returns the decision of Turns.failed, and the pending words; if these cannot be read, for an unknown citizen.

        The first message that tells of a danger decides.
        """
        try:
            seen = await self._inbox.look(conversation)
            words = "\n".join(message.text for message in seen.pending)
            urgent = (message for message in seen.pending if told_danger(message, seen.state.buttons))
            message = next(urgent, replace(seen.pending[0], text=words))
            return await self._turns.failed(message, seen.state), words
        except Exception as error:
            log.warning("turn: conversation not read", conversation=conversation, error=type(error).__name__)
            turn = self._turns.sorry(None, {})
            return Decision(turn.replies, handoff=turn.handoff), ""


def _urgency(handoff: Handoff | None) -> str:
    """Returns the priority of an emergency, in case a person took the conversation meanwhile; '' for others."""
    return handoff.priority if handoff and handoff.priority is Priority.EMERGENCY else ""
