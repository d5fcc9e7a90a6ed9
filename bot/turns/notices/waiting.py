"""Sends the running notices to citizens who wait for an agent."""

from __future__ import annotations

import asyncio

from redis.exceptions import RedisError

from bot.agency.model import Agency
from bot.conversation.event_log_entry import event_of
from bot.core.channels import traits_of
from bot.core.logs import log
from bot.core.messages import Priority
from bot.public_notices.board import NoticeBoard
from bot.public_notices.notice import PublicNotice
from bot.public_notices.words import unasked
from bot.store.client import Store
from bot.store.isolation import isolate_errors
from bot.store.scripts import Script
from bot.tickets.ticket import Ticket
from bot.tickets.tickets import Tickets

RETRY_S = 1.0


class WaitingCitizens:
    """Sends each notice once to each waiting citizen, even if several workers run.

    Omits citizens on the web, who see the banner, and emergencies.
    """

    def __init__(self, redis: Store, tickets: Tickets, board: NoticeBoard, agency: Agency) -> None:
        self._tickets, self._board, self._agency = tickets, board, agency
        self._tell = Script(redis, "send_notice")

    async def run(self) -> None:
        """Sends the notices whenever they change, until cancelled."""
        async for running in self._board.changes():
            informed = not running
            while not informed:
                informed = await self._inform_all(running)

    async def _inform_all(self, running: tuple[PublicNotice, ...]) -> bool:
        """Sends the notices to the waiting citizens; returns False, after a pause, if Redis is unavailable."""
        try:
            for ticket in await self._tickets.waiting():
                async with isolate_errors(ticket=ticket.id):
                    await self._inform(ticket, running)
        except RedisError as error:
            log.warning("notices: redis unavailable, retrying", error=type(error).__name__)
            await asyncio.sleep(RETRY_S)
            return False
        return True

    async def _inform(self, ticket: Ticket, running: tuple[PublicNotice, ...]) -> None:
        if not traits_of(ticket.channel).has_address or ticket.priority is Priority.EMERGENCY:
            return
        for notice in running:
            reply = unasked(notice, self._agency)
            await self._tell(conversation=ticket.conversation, notice=notice.id, events=[event_of(reply)])
