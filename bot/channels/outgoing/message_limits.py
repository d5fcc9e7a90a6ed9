"""Limits how much a citizen may send through a provider; the web chat has limits of its own.

A message counts once, even if its provider sends it again. For a refused message, the provider gets the usual response,
so that it does not repeat the message. The citizen is notified at most once in WINDOW_S seconds.
"""

from __future__ import annotations

from bot.conversation.inbox import Inbox
from bot.core.messages import Author, CitizenMessage, Reply
from bot.core.texts import say
from bot.crisis.emergency import find as find_emergency
from bot.metrics.measures import Refusal, count_refusal

MESSAGES = 30
CHARACTERS = 20_000
EMERGENCIES = 10  # in addition to MESSAGES, since nobody in danger may be refused
WINDOW_S = 60


class MessageLimits:
    """The limits of each conversation, counted in Redis; methods may raise redis.RedisError."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def allow(self, message: CitizenMessage) -> bool:
        """Counts a message and returns whether it may be stored; if not, notifies the citizen.

        A message with an emergency phrase may exceed the limits, up to EMERGENCIES times in WINDOW_S seconds.
        """
        name = message.conversation
        within = await self._counts("chat", message, MESSAGES)
        size = max(1, len(message.text))
        if await self._counts("characters", message, CHARACTERS, cost=size) and within:
            return True
        if find_emergency(message.text) and await self._counts("urgent", message, EMERGENCIES):
            return True
        count_refusal(Refusal.MESSAGES)
        if await self._inbox.allow(f"refused:{name}", 1, WINDOW_S):
            notice = Reply(say("canales.muchos_mensajes"), author=Author.SYSTEM)
            await self._inbox.notify(name, notice, anybody=True, asked=True)  # an answer, also after «baja»
        return False

    async def _counts(self, kind: str, message: CitizenMessage, most: int, *, cost: int = 1) -> bool:
        name = f"{kind}:{message.conversation}"
        return await self._inbox.allow(
            name, most, WINDOW_S, cost=cost, conversation=message.conversation, id=message.id
        )
