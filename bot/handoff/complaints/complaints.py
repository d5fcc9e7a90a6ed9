"""Combines the two parts of complaints for the turns: the dialogue, and the answers about a complaint's state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from bot.agency.model import Agency
from bot.conversation.inbox import Inbox
from bot.conversation.state import ConversationState
from bot.core.messages import CitizenMessage, Reply
from bot.handoff.complaints.dialogue import Answer, ComplaintDialogue
from bot.handoff.complaints.filing import Clock, Filing
from bot.handoff.complaints.status import ComplaintStates
from bot.handoff.hours import ServiceHours
from bot.record.complaint_record import ComplaintBook
from bot.turns.outcome import Decision, Turn


@dataclass(frozen=True)
class Complaints:
    """The dialogue that files complaints, and the answers about their state (methods: see bot/turns/outcome.py)."""

    dialogue: ComplaintDialogue
    states: ComplaintStates

    @classmethod
    def from_record(
        cls, agency: Agency, service_hours: ServiceHours, book: ComplaintBook, inbox: Inbox, clock: Clock | None = None
    ) -> Self:
        states = ComplaintStates(agency, book, inbox)
        filing = Filing(agency, service_hours, states.reserve, states.may_file, clock)
        return cls(ComplaintDialogue(agency, filing), states)

    async def state_reply(self, message: CitizenMessage, *, waits: bool = False) -> Reply | None:
        return await self.states.state_reply(message, waits=waits)

    def begun(self, turn: Turn, message: CitizenMessage, state: ConversationState) -> Decision:
        return self.dialogue.begun(turn, message, state)

    async def decide(self, message: CitizenMessage, state: ConversationState, answer: Answer) -> Decision | None:
        if decision := await self.dialogue.decide(message, state, answer):
            return decision
        reply = await self.state_reply(message)
        return Decision((reply,)) if reply else None

    def is_open(self, state: ConversationState) -> bool:
        return self.dialogue.is_open(state)

    def asks_what(self, state: ConversationState) -> bool:
        return self.dialogue.asks_what(state)

    def gives_place(self, message: CitizenMessage, state: ConversationState) -> bool:
        return self.dialogue.gives_place(message, state)

    def noted(self, decision: Decision, message: CitizenMessage, state: ConversationState) -> Decision:
        return self.dialogue.noted(decision, message, state)
