"""Defines the decision of a turn and the protocols of the parts of bot/handoff that turns use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from bot.conversation.change import Change, Note
from bot.conversation.dialogue import Dialogue
from bot.conversation.state import ConversationState
from bot.conversation.unheard import UnheardTurn
from bot.core.messages import CitizenMessage, Handoff, HandoffReason, Reply
from bot.core.payload import Payload

NO_CHANGE = Change()

PositionNotice = Callable[[str, datetime], Awaitable[Reply]]
Recognizes = Callable[[str], bool]


@dataclass(frozen=True)
class Turn:
    """The assistant's response to one message: replies in order, and possibly a handoff.

    ``known`` maps dimensions to the values that the citizen stated about themselves. ``said`` contains the payloads of
    the replies; it is empty if neither Rasa nor the answerer was asked. ``dialogue`` is the dialogue after this turn,
    or None if the turn does not change it.
    """

    replies: tuple[Reply, ...] = ()
    handoff: Handoff | None = None
    known: Mapping[str, str] = field(default_factory=dict)
    said: tuple[Payload, ...] = ()
    dialogue: Dialogue | None = None
    unheard: UnheardTurn | None = None  # this turn, for Rasa's tracker, if it was decided without Rasa

    @property
    def knows_nothing(self) -> bool:
        """Returns whether the turn gives the citizen nothing: no answer, choices or referral.

        It is then a fallback, or a handoff because of one. Returns False if an entry was sent in the last exchanges,
        since the message may be a follow-up.
        """
        if any(one.asks or one.candidates or one.referral or one.provenance or one.danger for one in self.said):
            return False
        if self.dialogue and any(one.entry for one in self.dialogue.exchanges):
            return False
        if self.handoff:
            return self.handoff.reason is HandoffReason.LOW_CONFIDENCE and not self.handoff.candidates
        return any(one.missed for one in self.said)

    def change(self, other: Change = NO_CHANGE) -> Change:
        """Returns ``other`` with what this turn changes: what is known of the citizen, the dialogue, Rasa's tracker."""
        return replace(other, known=self.known, dialogue=self.dialogue, unheard=self.unheard)

    def led_by(self, reply: Reply) -> Turn:
        """Returns the turn with ``reply`` as its first reply."""
        return replace(self, replies=(reply, *self.replies))


@dataclass(frozen=True)
class Decision:
    """The outcome of a turn: replies in order, changes to the conversation, and possibly a handoff.

    ``may_go_on`` is true if the message was not understood, so that its rest may be in the next one.
    """

    replies: tuple[Reply, ...] = ()
    change: Change = NO_CHANGE
    handoff: Handoff | None = None
    may_go_on: bool = False

    @property
    def is_answer(self) -> bool:
        """Returns whether an entry answers the message, so that the answerer has checked it for dangers."""
        return bool(self.change.to_approve) or any(reply.provenance for reply in self.replies)

    def led_by(self, *replies: Reply) -> Decision:
        """Returns the decision with ``replies`` before its own."""
        return replace(self, replies=(*replies, *self.replies))

    def followed_by(self, reply: Reply) -> Decision:
        """Returns the decision with ``reply`` after its own."""
        return replace(self, replies=(*self.replies, reply))


@dataclass(frozen=True)
class ForPerson:
    """A turn that hands off to a person: for a privacy request, or because a blocked citizen described a danger.

    ``note`` registers the request with its receipt; None if the citizen only wants a person, or described a danger.
    """

    turn: Turn
    note: Note | None = None

    def noted_in(self, decision: Decision) -> Decision:
        """Returns a copy of ``decision``, the decision on ``turn``, with ``note`` added."""
        return replace(decision, change=replace(decision.change, note=self.note))


@dataclass(frozen=True)
class Meanwhile:
    """A notice for a citizen whose message cannot be answered yet; not repeated within ``enough_ms`` milliseconds.

    ``known`` contains the language in which the message was written, if it is new; else it is empty.
    """

    replies: tuple[Reply, ...]
    enough_ms: int = 0
    known: Mapping[str, str] = field(default_factory=dict)


class WaitNotice(Protocol):
    """Builds the notice for a citizen who enters the queue (bot/handoff/notices.py)."""

    async def __call__(self, handoff: Handoff, now: datetime) -> Reply:
        """Returns the notice with its translations."""
        ...


class Callbacks(Protocol):
    """The dialogue about a call-back (bot/handoff/callbacks/dialogue.py)."""

    def turn(self, message: CitizenMessage, state: ConversationState) -> Decision | None:
        """Decides how to respond to a waiting citizen's message; None if the message is not about a call-back."""
        ...

    def again(self, message: CitizenMessage, state: ConversationState) -> Decision | None:
        """Returns the decision that repeats the dialogue's question, if the message looks like one; else None."""
        ...

    def begun(self, team: str) -> Decision:
        """Returns the decision that begins the dialogue about a call-back by ``team``: its first question."""
        ...

    def revoked(self, message: CitizenMessage, state: ConversationState) -> Decision | None:
        """Decides how to respond to the withdrawal of a call-back request; None for any other message."""
        ...


class Complaints(Protocol):
    """The dialogue about a complaint, and the answers about its state (bot/handoff/complaints)."""

    async def state_reply(self, message: CitizenMessage, *, waits: bool = False) -> Reply | None:
        """Returns the answer to a question about a complaint's state; None for any other message.

        A citizen who ``waits`` for a person must name the complaint.
        """
        ...

    def begun(self, turn: Turn, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision that starts the dialogue, instead of a ``turn`` that hands a complaint to a person."""
        ...

    async def decide(
        self,
        message: CitizenMessage,
        state: ConversationState,
        answer: Callable[[CitizenMessage, ConversationState], Awaitable[Decision]],
    ) -> Decision | None:
        """Decides how to respond to a message in the dialogue, to a question about a complaint's state, or to a photo.

        Returns None for other messages. ``answer`` answers other questions that the citizen asks during the dialogue.
        """
        ...

    def is_open(self, state: ConversationState) -> bool:
        """Returns whether the dialogue is open; photos alone or a forgotten form are none."""
        ...

    def asks_what(self, state: ConversationState) -> bool:
        """Returns whether the last question was what happened, which any text answers."""
        ...

    def gives_place(self, message: CitizenMessage, state: ConversationState) -> bool:
        """Returns whether the message answers the question about the place, and says nothing but a place."""
        ...

    def noted(self, decision: Decision, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision with a notice about the photos or the video in the message.

        Keeps the photos for a complaint, unless the decision hands the citizen off to a person. Returns the decision
        unchanged if there are neither, if it changes the complaint's form itself, or if it answers a video alone.
        """
        ...


class ApprovalPolicy(Protocol):
    """The policy that holds answers until an agent approves them (bot/handoff/approval_policy.py)."""

    async def hold(self, decision: Decision, message: CitizenMessage) -> Decision:
        """Returns the decision unchanged, or a decision whose answer waits for approval."""
        ...
