"""Reminds citizens with a waiting or claimed ticket to write, an hour before WhatsApp's 24-hour window closes.

Once the window has closed, a reply needs a template, or cannot be sent at all; any message from the citizen opens the
window for another day. A lease lets one process at a time send reminders; each window gets one reminder.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from redis.exceptions import RedisError

from bot.conversation.inbox import Inbox
from bot.core.channels import traits_of
from bot.core.clock import now_ms
from bot.core.logs import log
from bot.core.messages import Channel, Reply
from bot.core.reply_window import REMIND_BEFORE_MS
from bot.store.streams import stopping
from bot.tickets.outbox import Outbox
from bot.tickets.tickets import Tickets

EVERY_S = 60.0
LEASE = "whatsapp-reminder"
LEASE_S = 180.0
ONCE_S = 2 * REMIND_BEFORE_MS // 1000

Clock = Callable[[], int]


class Reminders:
    """The task that checks the waiting and claimed tickets every minute; ``notice`` is the reminder."""

    def __init__(self, *, tickets: Tickets, inbox: Inbox, outbox: Outbox, notice: Reply, clock: Clock = now_ms) -> None:
        self._tickets = tickets
        self._inbox = inbox
        self._outbox = outbox
        self._notice = notice
        self._clock = clock
        self._name = secrets.token_hex(6)

    async def run(self) -> None:
        while not stopping():
            try:
                if await self._outbox.lease(LEASE, self._name, LEASE_S):
                    await self.remind()
            except RedisError as error:
                log.warning("whatsapp: reminders failed, retrying", error=type(error).__name__)
            await asyncio.sleep(0 if stopping() else EVERY_S)

    async def remind(self) -> int:
        """Reminds citizens whose window is about to close; returns the number of reminders sent.

        Leaves out citizens who refused notices or were reminded in this window.
        """
        count = 0
        for ticket in [*await self._tickets.waiting(), *await self._tickets.claimed()]:
            count += await self._remind(ticket.conversation)
        return count

    async def _remind(self, conversation: str) -> int:
        state = await self._inbox.state(conversation)
        if state.channel is not Channel.WHATSAPP:
            return 0
        window = traits_of(state.channel).reply_window
        if window is None or not window.is_closing(state.inbound_at, self._clock()):
            return 0
        reminded = f"reminded:{conversation}:{window.closes_at(state.inbound_at)}"
        if state.notices_off or not await self._inbox.once(reminded, ONCE_S):
            return 0
        return int(await self._inbox.notify(conversation, self._notice))
