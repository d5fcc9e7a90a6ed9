"""What one message leads to, and the parts outside this package that have a say in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.conversation.change import Change
from bot.conversation.state import ConversationState
from bot.core.messages import CitizenMessage, Handoff, Reply

NO_CHANGE = Change()

WaitNotice = Callable[[str, datetime], Awaitable[Reply]]
AsksHowLong = Callable[[str], bool]


@dataclass(frozen=True)
class Decision:
    """What one message leads to: replies in order, what changes, and perhaps a handoff."""

    replies: tuple[Reply, ...] = ()
    change: Change = NO_CHANGE
    handoff: Handoff | None = None


@dataclass(frozen=True)
class Meanwhile:
    """What is told before a message can be answered, unless the same was told in the last ``enough_ms``."""

    replies: tuple[Reply, ...]
    enough_ms: int = 0


class Callbacks(Protocol):
    """The dialogue about a call-back (bot/handoff/callbacks/dialogue.py). Both answer None when it is not about one."""

    def turn(self, message: CitizenMessage, state: ConversationState) -> Decision | None:
        """For somebody who waits."""
        ...

    def revoked(self, message: CitizenMessage, state: ConversationState) -> Decision | None:
        """For anybody whom no person attends."""
        ...


class ApprovalPolicy(Protocol):
    """Which answers wait for a person's OK (bot/handoff/approval_policy.py)."""

    async def hold(self, decision: Decision, message: CitizenMessage) -> Decision:
        """The outcome, or one that keeps its answer back."""
        ...
