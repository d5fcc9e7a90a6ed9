"""Tests that an emergency nobody claims reaches a person, with a real SMTP server and Twilio's peer on loopback."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from redis.asyncio import Redis

from bot.agency.alarm_settings import AlarmSettings
from bot.agency.model import Agency
from bot.agency.schedule import schedule
from bot.core.messages import Priority, Reply
from bot.core.settings import Settings
from bot.handoff.alarms.alarms import Alarms
from bot.handoff.hours import ServiceHours
from bot.mail.senders import SendingFailed, Words
from bot.mail.wiring import senders_of
from bot.metrics.measures import REGISTRY
from bot.run.ports import LOOPBACK, free_port
from bot.store import keys
from bot.tickets.presence import Presences, Skills
from bot.tickets.tickets import StaffRef, Tickets
from bot.tickets.transitions import Actor, Transitions, Why
from tests.alarm_peers import FROM, MAIL, PHONE, AlarmPeers, alarm_peers
from tests.channels.twilio_peer import TwilioPeer
from tests.integration.sweeper_world import AlwaysOpen
from tests.integration.working import send, until_idle, working
from tests.mailbox import Mailbox
from tests.no_record import mailbox_of

ANA = StaffRef("ana", "Ana")
WORDS = "me quiero morir ya no doy mas"


@dataclass
class World:
    """An agency with an alarm, whose messages a worker answers."""

    redis: Redis
    alarms: Alarms
    mailbox: Mailbox
    twilio: TwilioPeer
    peers: AlarmPeers

    def __post_init__(self) -> None:
        self.inbox, self.tickets, self.presences = mailbox_of(self.redis), Tickets(self.redis), Presences(self.redis)

    async def emergency(self, text: str = WORDS) -> str:
        async with working(self.redis):
            await send(self.inbox, "c1", 1, text)
            await until_idle(self.redis)
        (ticket,) = await self.tickets.waiting()
        return ticket.id

    async def later(self) -> None:
        """Makes all alarms due."""
        for ticket in await self.redis.zrange(keys.ALARMS, 0, -1):
            await self.redis.zadd(keys.ALARMS, {ticket: 1})
        await self.alarms.send_due()

    async def left(self) -> int:
        return int(await self.redis.zcard(keys.ALARMS))


@asynccontextmanager
async def world(
    redis: Redis, agency: Agency, *, is_open: bool = False, mails: tuple[str, ...] = (MAIL,), wait_s: int = 120
) -> AsyncIterator[World]:
    never = replace(agency, schedule=schedule({}, "", []), team_schedules={})
    hours = AlwaysOpen(agency) if is_open else ServiceHours(never)
    async with alarm_peers(redis, agency, hours, mails=mails, wait_s=wait_s) as made:
        yield World(redis, made.alarms, made.mailbox, made.twilio, made)


async def test_outside_hours_mail_and_sms_name_the_kind_and_no_word_of_the_citizen(
    redis: Redis, agency: Agency
) -> None:
    async with world(redis, agency) as it:
        ticket = await it.emergency()
        await it.alarms.send_due()
        (envelope,), (sms,) = it.mailbox.taken, it.twilio.sent
        mail = message_from_bytes(envelope.content)
        (subject,) = it.peers.subjects()
        text = mail.get_payload(decode=True).decode()
        assert (envelope.mail_from, envelope.rcpt_tos) == ("chat@losaromos.example", [MAIL])
        assert subject == f"Emergencia en el chat de Los Aromos: suicidio (n.º {ticket})"
        assert f"https://chat.losaromos.example/desk#/t/{ticket}" in text
        assert (sms["To"], sms["From"]) == (PHONE, FROM)
        assert "suicidio" in sms["Body"]
        assert not [word for word in WORDS.split() if word in f"{subject} {text} {sms['Body']}".split()]
        assert (it.twilio.refused, await it.left()) == ([], 0)


async def test_failure_is_counted_and_retried_for_that_recipient_alone(redis: Redis, agency: Agency) -> None:
    def failed() -> float:
        return REGISTRY.get_sample_value("ventanilla_alarms_total", {"way": "mail", "outcome": "failed"}) or 0

    before = failed()
    async with world(redis, agency, mails=(MAIL, "jefa@losaromos.example")) as it:
        it.mailbox.down = True
        await it.emergency()
        for _ in range(2):
            await it.later()
        assert (len(it.mailbox.taken), len(it.twilio.sent), await it.left()) == (0, 1, 1)
        it.mailbox.down = False
        await it.later()
        assert sorted(one.rcpt_tos for one in it.mailbox.taken) == [["jefa@losaromos.example"], [MAIL]]
        assert (len(it.twilio.sent), await it.left()) == (1, 0)
    assert failed() - before == 4


async def test_unreachable_servers_delay_nobody(redis: Redis, agency: Agency) -> None:
    async with world(redis, agency) as it:
        it.twilio.down = it.mailbox.down = True
        await it.emergency()
        sending = asyncio.create_task(it.alarms.send_due())
        async with working(redis):
            await send(it.inbox, "c1", 2, "sigo aquí")
            await until_idle(redis)
        await sending
        assert len([one for one in await it.inbox.events("c1") if one.text.startswith("Tu mensaje le quedó")]) == 1


@pytest.mark.parametrize(("on_duty", "sent"), [(True, 0), (False, 1)])
async def test_in_hours_the_desk_has_time_to_claim_if_somebody_is_there(
    redis: Redis, agency: Agency, on_duty: bool, sent: int
) -> None:
    async with world(redis, agency, is_open=True) as it:
        if on_duty:
            await it.presences.heartbeat(ANA.id, ANA.name, Skills())
        ticket = await it.emergency()
        await it.later()
        assert len(it.twilio.sent) == sent
        await redis.hset(keys.ticket_key(ticket), "alarm_at", int(time.time() * 1000) - 121_000)
        await it.later()
        assert (len(it.twilio.sent), await it.left()) == (1, 0)


async def test_claimed_emergency_alarms_nobody_until_it_goes_back(redis: Redis, agency: Agency) -> None:
    async with world(redis, agency) as it:
        ticket = await it.emergency()
        await it.tickets.claim(ticket, ANA, Reply("te atiende Ana"))
        await it.later()
        assert (it.twilio.sent, await it.left()) == ([], 0)
        await Transitions(redis).requeue(ticket, Actor(ANA), Why.RELEASED, Reply("vuelves"))
        await it.later()
        assert len(it.twilio.sent) == 1


async def test_danger_of_a_waiting_citizen_alarms_too_and_an_ordinary_ticket_does_not(
    redis: Redis, agency: Agency
) -> None:
    async with world(redis, agency) as it:
        await it.emergency("persona")
        assert await it.left() == 0
        async with working(redis):
            await send(it.inbox, "c1", 2, WORDS)
            await until_idle(redis)
        assert (await it.tickets.waiting())[0].priority is Priority.EMERGENCY
        await it.later()
        assert len(it.mailbox.taken) == 1


async def test_reserved_alarm_is_due_again_after_a_kill(redis: Redis, agency: Agency) -> None:
    async with world(redis, agency) as it:
        await it.emergency()
        ticket = await it.alarms._take(lease_ms=60_000)
        await it.alarms.send_due()  # another process finds nothing due
        assert it.twilio.sent == []
        assert await it.redis.zscore(keys.ALARMS, ticket) > time.time() * 1000
        await it.later()
        assert len(it.twilio.sent) == 1


async def test_alarm_is_reserved_when_its_turn_comes(redis: Redis, agency: Agency) -> None:
    left_to_others: list[int] = []

    class Slow:
        way = "mail"

        async def send(self, _to: str, _words: Words) -> None:
            left_to_others.append(await redis.zcount(keys.ALARMS, "-inf", time.time() * 1000))

    async with world(redis, agency) as it:
        await it.emergency()
        async with working(redis):
            await send(it.inbox, "c2", 1, WORDS)
            await until_idle(redis)
        it.alarms._senders = {MAIL: Slow()}
        await it.later()
        assert (left_to_others, await it.left()) == ([1, 0], 0)


async def test_password_is_never_sent_without_encryption() -> None:
    class Spy:
        async def handle_AUTH(self, *_args: Any) -> AuthResult:
            raise AssertionError("the password was sent in clear text")

    controller = Controller(Spy(), hostname=LOOPBACK, port=free_port(), auth_require_tls=False)
    controller.start()
    port = controller.port
    settings = Settings(SMTP_URL=f"smtp://yo:clave@127.0.0.1:{port}", SMTP_FROM="chat@losaromos.example")
    (sender,) = senders_of(AlarmSettings((MAIL,)), settings).values()
    with pytest.raises(SendingFailed):
        await sender.send(MAIL, Words("asunto", "texto"))
    controller.stop()
    assert "clave" not in repr(settings)
