"""Finds the citizen's messages that are unanswered when an agent closes or snoozes the ticket."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.state import ConversationState
from bot.core.errors.tickets import CitizenStillWrites
from bot.core.messages import CitizenMessage
from bot.handoff.courtesies import is_courtesy
from bot.text.questions import asks
from bot.tickets.ending import Unanswered

FRESH_MS = 20_000  # a message younger than this counts as unread, even if it was shown


def left_unanswered(
    written: Sequence[CitizenMessage], state: ConversationState, now_ms: int, closing_over: str
) -> Unanswered:
    """Returns which of ``written``, the citizen's messages since staff last replied, the assistant has to answer.

    Raises CitizenStillWrites if the agent's page did not show the newest message without a reply, whatever its content.
    ``closing_over`` is the id of the newest such message that the page showed.
    """
    open_ones = [message for message in written if _lacks_reply(message, state)]
    if open_ones and open_ones[-1].id != closing_over:
        text = "\n".join(message.text for message in open_ones if message.text)
        raise CitizenStillWrites(text, max(1, (now_ms - open_ones[-1].at) // 1000), open_ones[-1].id)
    handed_back = tuple(message.id for message in open_ones if _needs_assistant(message, state, now_ms))
    return Unanswered(written[-1].id if written else "", handed_back)


def _lacks_reply(message: CitizenMessage, state: ConversationState) -> bool:
    """Returns whether an agent has not replied since the message; clicks and courtesies need no reply."""
    if message.button is not None or message.command or message.at <= state.answered_by_staff_at:
        return False
    return not is_courtesy(message.text) or bool(message.attachments) or message.place is not None


def _needs_assistant(message: CitizenMessage, state: ConversationState, now_ms: int) -> bool:
    """Returns whether the assistant has to answer a message that the agent left unanswered on closing.

    It has to if the message surely asks, even without a question mark, is younger than FRESH_MS, or has not been read
    by the agent. If an agent has read an older statement and closes the ticket, the statement needs no answer.
    """
    return asks(message.text) or message.at > state.seen_by_staff_at or now_ms - message.at < FRESH_MS
