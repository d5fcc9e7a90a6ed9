"""Finds the citizen's messages that are unanswered when an agent closes the ticket."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.state import ConversationState
from bot.core.errors import CitizenStillWrites
from bot.core.messages import CitizenMessage
from bot.handoff.courtesies import is_courtesy
from bot.tickets.ending import Unanswered

FRESH_MS = 20_000  # a message younger than this counts as unread, even if it was shown
QUESTION_MARKS = frozenset("¿?")


def left_unanswered(
    written: Sequence[CitizenMessage], state: ConversationState, now_ms: int, closing_over: str
) -> Unanswered:
    """Returns which of ``written``, the citizen's messages since staff last replied, the assistant has to answer.

    Raises CitizenStillWrites if the agent who closes the ticket has not seen the newest of these messages.
    ``closing_over`` is the id of the newest unanswered message that the agent's page showed.
    """
    waits = [message for message in written if _waits(message, state, now_ms)]
    if waits and waits[-1].id != closing_over:
        text = "\n".join(message.text for message in waits if message.text)
        raise CitizenStillWrites(text, max(1, (now_ms - waits[-1].at) // 1000), waits[-1].id)
    return Unanswered(written[-1].id if written else "", tuple(message.id for message in waits))


def _waits(message: CitizenMessage, state: ConversationState, now_ms: int) -> bool:
    """Returns whether a message still needs an answer.

    It does if it is a question, or if the agent has not read it or hardly had time to. Clicks and courtesies never do.
    """
    if message.button is not None or message.command or message.at <= state.answered_by_staff_at:
        return False
    if is_courtesy(message.text) and not message.attachments and message.place is None:
        return False
    asks = not QUESTION_MARKS.isdisjoint(message.text)
    return asks or message.at > state.seen_by_staff_at or now_ms - message.at < FRESH_MS
