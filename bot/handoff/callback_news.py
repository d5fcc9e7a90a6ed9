"""Tells a citizen, where they wrote, that they were called and not reached. Called by the page of call-backs.

Only within the channel's rules: never to somebody who wrote «baja», and on WhatsApp only while its window is open.
"""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.agency import Agency
from bot.conversation.mailbox import ConversationState, Mailbox
from bot.conversation.window import is_open
from bot.handoff.callback_request import due_in_words
from bot.handoff.hours import Attention
from bot.messages import Author, Channel, Reply


class CallbackNews:
    """May raise redis.RedisError."""

    def __init__(self, mailbox: Mailbox, agency: Agency, attention: Attention) -> None:
        self._mailbox = mailbox
        self._agency = agency
        self._attention = attention

    async def not_reached(self, conversation: str, team: str, shown: str, again_at: datetime | None) -> bool:
        """``shown``: the contact as it may be seen; ``again_at``: the next try, if any. Whether it was said."""
        if not may_be_told(await self._mailbox.state(conversation), int(time.time() * 1000)):
            return False
        text = self._words(team, shown, again_at)
        return await self._mailbox.tell(conversation, Reply(text, author=Author.SYSTEM), anybody=True)

    def _words(self, team: str, shown: str, again_at: datetime | None) -> str:
        if again_at is None:
            return self._agency.say("llamada_sin_respuesta", contacto=shown)
        now = datetime.now(ZoneInfo(self._agency.timezone))
        when = due_in_words(self._agency, self._attention.of(team), again_at, now)
        return self._agency.say("llamada_no_contesta", contacto=shown, cuando=when)


def may_be_told(state: ConversationState, now_ms: int) -> bool:
    """Whether the conversation is still there and its channel lets us write unasked."""
    closed = state.channel is Channel.WHATSAPP and not is_open(state.inbound_at, now_ms)
    return state.exists and not state.notices_off and not closed
