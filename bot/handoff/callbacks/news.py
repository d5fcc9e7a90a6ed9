"""Notifies citizens of a call-back that did not reach them.

The channel's rules apply: no notice after «baja», and outside WhatsApp's window only the approved template.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.agency.model import Agency
from bot.conversation.inbox import Inbox
from bot.core.messages import Author, Reply
from bot.handoff.callbacks.request import due_in_words
from bot.handoff.hours import ServiceHours


class CallbackNews:
    """Sends notices about call-backs; its methods may raise redis.RedisError."""

    def __init__(self, inbox: Inbox, agency: Agency, service_hours: ServiceHours) -> None:
        self._inbox = inbox
        self._agency = agency
        self._service_hours = service_hours

    async def not_reached(self, conversation: str, team: str, shown: str, again_at: datetime | None) -> bool:
        """Notifies a citizen that the call did not reach them; returns False if the channel's rules forbid the notice.

        ``shown`` is the masked contact; ``again_at`` is the time of the next call, None if there will be none.
        """
        text, templated = self._words(team, shown, again_at), bool(self._agency.templates.answer)
        notice = Reply(text, author=Author.SYSTEM, after_window=templated)
        return await self._inbox.notify(conversation, notice, anybody=True)

    def _words(self, team: str, shown: str, again_at: datetime | None) -> str:
        if again_at is None:
            return self._agency.say("llamada_sin_respuesta", contacto=shown)
        now = datetime.now(ZoneInfo(self._agency.timezone))
        when = due_in_words(self._agency, self._service_hours.of(team), again_at, now)
        return self._agency.say("llamada_no_contesta", contacto=shown, cuando=when)
