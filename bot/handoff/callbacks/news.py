"""Notifies citizens of a call-back that did not reach them.

The channel's rules apply: no notice after «baja», and outside WhatsApp's window only the approved template.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.agency.model import Agency
from bot.conversation.inbox import Inbox
from bot.core.messages import Author, Reply
from bot.handoff.callbacks.request import due_in_other_languages, due_in_words
from bot.handoff.hours import ServiceHours
from bot.text.translations import in_other_languages, said_in


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
        news, templated = self._notice(team, shown, again_at), bool(self._agency.templates.answer)
        notice = replace(news, author=Author.SYSTEM, after_window=templated)
        return await self._inbox.notify(conversation, notice, anybody=True)

    def _notice(self, team: str, shown: str, again_at: datetime | None) -> Reply:
        if again_at is None:
            key = "llamada_sin_respuesta"
            return Reply(self._agency.say(key, contacto=shown), translations=in_other_languages(key, contacto=shown))
        key, now = "llamada_no_contesta", self._agency.now()
        when = due_in_words(self._agency, self._service_hours.of(team), again_at, now)
        whens = due_in_other_languages(again_at, now)
        translations = {one: said_in(one, key, contacto=shown, cuando=words) for one, words in whens.items()}
        return Reply(self._agency.say(key, contacto=shown, cuando=when), translations=translations)
