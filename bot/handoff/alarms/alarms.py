"""Alerts people outside the desk about emergencies that no agent claims.

The Lua script that opens the ticket, or raises its priority, adds it to ``v:alarms`` in the same step. So a killed
process loses no alarm, and sending never delays the reply to the citizen. Outside the service hours, or with no agent
on duty, the alarm is sent immediately; otherwise after ``alarma.espera_min`` minutes if no agent has claimed the
ticket. If sending to a recipient fails or takes longer than SENT_WITHIN_S, only that recipient is tried again, until
MAX_TRIES. The recipients who got the alarm are stored even if the reservation (LEASE_MS) has ended meanwhile, and
before the process stops (finishing.py). If the process is killed between sending and storing, or paused for longer than
LEASE_MS, a recipient may get the alarm twice.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.agency.model import Agency
from bot.conversation.inbox import Inbox
from bot.core.channels import name_of
from bot.core.clock import now_ms
from bot.core.event_facts import TicketState
from bot.core.logs import log
from bot.core.progress import Beat, no_beat
from bot.core.texts import area, say
from bot.handoff.forecast import Forecasts
from bot.handoff.hours import ServiceHours
from bot.mail.finishing import Sendings
from bot.mail.senders import SENT_WITHIN_S, Sender, SendingFailed, Words
from bot.metrics.measures import count_alarm
from bot.store import keys
from bot.store.client import Store
from bot.store.isolation import isolate_errors
from bot.store.scripts import Script
from bot.tickets.ticket import Ticket
from bot.tickets.tickets import Tickets

EVERY_S = 2.0
LEASE_MS = 120_000  # longer than SENT_WITHIN_S, in which one alarm is sent to all recipients
FIRST_RETRY_MS = 15_000
LONGEST_RETRY_MS = 10 * 60_000
MAX_TRIES = 100


class Reserved(NamedTuple):
    """An alarm that this process has reserved; ``until`` is the end of the reservation (ms since 1970).

    ``raised`` is the ticket's ``alarm_at`` when the alarm was reserved, '' if it had none.
    """

    ticket: str
    until: str
    raised: str = ""


class Alarms:
    """Sends the alarms of this installation; ``senders`` maps each recipient to the sender that reaches them."""

    def __init__(
        self,
        *,
        redis: Store,
        inbox: Inbox,
        agency: Agency,
        service_hours: ServiceHours,
        forecasts: Forecasts,
        senders: Mapping[str, Sender],
        public_url: str,
    ) -> None:
        self._redis, self._inbox, self._agency = redis, inbox, agency
        self._tickets = Tickets(redis)
        self._service_hours, self._forecasts = service_hours, forecasts
        self._senders, self._public_url, self._sendings = senders, public_url, Sendings()
        self._take = Script(redis, "take_alarms")
        self._settle = Script(redis, "settle_alarm")

    async def run(self, beat: Beat = no_beat) -> None:
        """Sends the alarms that are due, until cancelled."""
        while True:
            beat()
            try:
                await self.send_due(beat)
            except (RedisError, SQLAlchemyError, OSError) as error:
                log.warning("alarms: store unavailable, retrying", error=type(error).__name__)
            except Exception:
                log.exception("alarms: failed")
            await asyncio.sleep(EVERY_S)

    async def send_due(self, beat: Beat = no_beat) -> None:
        """Sends or postpones the alarms that are due; drops those of tickets that no longer wait.

        Reserves one alarm at a time, since sending many takes longer than the reservation (LEASE_MS) lasts.
        """
        while taken := await self._take(lease_ms=LEASE_MS):
            beat()
            reserved = Reserved(*taken)
            async with isolate_errors(ticket=reserved.ticket):
                await self._sendings.finish(self._handle(reserved))

    async def _handle(self, reserved: Reserved) -> None:
        ticket_id = reserved.ticket
        ticket = await self._tickets.get(ticket_id)
        if ticket is None or ticket.state is not TicketState.WAITING or not self._senders:
            return await self._store(reserved, [], 0, retry_ms=0)
        raised, alarmed, tries = await self._redis.hmget(
            keys.ticket_key(ticket_id), ("alarm_at", "alarmed", "alarm_tries")
        )
        done, count = json.loads(alarmed or "[]"), int(tries or 0)
        reserved = reserved._replace(raised=raised or "")
        left_ms = await self._patience_ms(ticket, int(float(raised or 0)))
        if left_ms > 0:
            return await self._store(reserved, done, count, retry_ms=min(left_ms, FIRST_RETRY_MS))
        sent = [*done, *await self._send(ticket, [one for one in self._senders if one not in done])]
        missing = len(self._senders) - len(sent)
        if missing and count + 1 >= MAX_TRIES:
            log.error("alarms: given up", ticket=ticket_id, missing=missing)
        again = missing and count + 1 < MAX_TRIES
        retry_ms = min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** min(count, 10)) if again else 0
        await self._store(reserved, sent, count + 1, retry_ms=retry_ms)

    async def _patience_ms(self, ticket: Ticket, raised_at: int) -> int:
        """Returns the time, in ms, that the desk still has to claim the ticket.

        The result is 0 or less if that time is over or no agent is on duty.
        """
        now = self._agency.now()
        is_open = self._service_hours.of(ticket.team).is_open(now)
        if not is_open or not await self._forecasts.agents_on_duty(ticket.team):
            return 0
        return raised_at + self._agency.alarm.wait_s * 1000 - now_ms()

    async def _send(self, ticket: Ticket, recipients: Sequence[str]) -> list[str]:
        """Sends the alarm to all recipients concurrently; returns those for whom sending succeeded."""
        words = await self._words(ticket)
        return [one for one in await asyncio.gather(*(self._to(one, words, ticket.id) for one in recipients)) if one]

    async def _to(self, recipient: str, words: Words, ticket: str) -> str:
        sender = self._senders[recipient]
        try:
            async with self._sendings.limit(SENT_WITHIN_S):
                await sender.send(recipient, words)
        except (SendingFailed, TimeoutError) as error:
            count_alarm(sender.way, sent=False)
            facts = error.facts if isinstance(error, SendingFailed) else {"way": sender.way, "error": "TimeoutError"}
            log.warning("alarms: not sent, retrying", ticket=ticket, **facts)
            return ""
        count_alarm(sender.way, sent=True)
        log.info("alarms: sent", ticket=ticket, way=sender.way)
        return recipient

    async def _words(self, ticket: Ticket) -> Words:
        state = await self._inbox.state(ticket.conversation)
        kind = state.emergency(even_denied=True) or "general"
        named = area("desk")["peligros"]["tipos"].get(kind) or kind.replace("_", " ")
        link = f"{self._public_url.rstrip('/')}/desk#/t/{ticket.id}" if self._public_url else say("desk.alarma.mesa")
        subject = say("desk.alarma.asunto", agencia=self._agency.short_name, tipo=named, numero=ticket.id)
        text = say("desk.alarma.texto", canal=name_of(ticket.channel), enlace=link)
        return Words(subject, text.strip())

    async def _store(self, reserved: Reserved, alarmed: Sequence[str], tries: int, *, retry_ms: int) -> None:
        kept = {"alarmed": json.dumps(list(alarmed)), "tries": tries, "retry_ms": retry_ms}
        if not await self._settle(ticket=reserved.ticket, reserved=reserved.until, raised=reserved.raised, **kept):
            log.warning("alarms: reservation ended meanwhile", ticket=reserved.ticket)
