"""Tests that an unclaimed emergency reaches a person, with a real SMTP server and a simulated Twilio on loopback."""

from __future__ import annotations

import asyncio
import json
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
from bot.handoff.alarms.alarms import LEASE_MS, Alarms
from bot.handoff.hours import ServiceHours
from bot.mail import finishing
from bot.mail.senders import SENT_WITHIN_S, SendingFailed, Words
from bot.mail.wiring import senders_of
from bot.metrics.measures import REGISTRY
from bot.run.ports import LOOPBACK, free_port
from bot.store import keys
from bot.store.cancelling import cancelled
from bot.tickets.presence import Presences, Skills
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Actor, Transitions, Why
from tests.alarm_peers import FROM, MAIL, PHONE, AlarmPeers, alarm_peers
from tests.channels.twilio_peer import TwilioPeer
from tests.eventually import eventually
from tests.integration.sweeper_world import AlwaysOpen
from tests.integration.working import send, until_idle, working
from tests.mail_server import MailServer
from tests.mailbox import Mailbox
from tests.no_record import mailbox_of

ANA = StaffRef("ana", "Ana")
WORDS = "me quiero morir ya no doy mas"


@dataclass
class World:
    """An agency with alarms, whose messages a worker answers."""

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
        """Makes all alarms due, and sends them."""
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
        ticket, _ = await it.alarms._take(lease_ms=60_000)
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


async def test_process_that_was_stopped_for_longer_than_its_reservation_changes_nothing(
    redis: Redis, agency: Agency
) -> None:
    class Stopped:
        way = "mail"

        async def send(self, _to: str, _words: Words) -> None:
            mails, it.alarms._senders = it.alarms._senders, others
            await it.later()  # the reservation has ended, and another process sends the alarm
            it.alarms._senders = mails
            raise SendingFailed

    async with world(redis, agency) as it:
        await it.emergency()
        others, it.alarms._senders = it.alarms._senders, {MAIL: Stopped()}
        await it.later()
        assert (len(it.mailbox.taken), await it.left()) == (1, 0)


@pytest.mark.parametrize(("raised_anew", "sent"), [(False, 1), (True, 2)])
async def test_recipient_who_got_an_alarm_after_the_reservation_gets_no_second_one(
    redis: Redis, agency: Agency, raised_anew: bool, sent: int
) -> None:
    got: list[str] = []

    class Failing:
        way = "mail"

        async def send(self, _to: str, _words: Words) -> None:
            raise SendingFailed

    class Slow:
        way = "mail"

        async def send(self, to: str, _words: Words) -> None:
            got.append(to)
            if len(got) > 1:
                return
            it.alarms._senders = {MAIL: Failing()}
            await it.later()  # the reservation has ended, and another process fails to send the alarm
            it.alarms._senders = {MAIL: self}
            if raised_anew:
                await redis.hset(keys.ticket_key(ticket), "alarm_at", 1)

    async with world(redis, agency) as it:
        ticket = await it.emergency()
        it.alarms._senders = {MAIL: Slow()}
        await it.later()
        assert (got, await it.left()) == ([MAIL], 1)
        await it.later()
        assert (got, await it.left()) == ([MAIL] * sent, 0)


async def test_recipient_that_takes_too_long_is_retried_before_another_process_takes_the_alarm(
    redis: Redis, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hanging:
        way = "mail"

        async def send(self, _to: str, _words: Words) -> None:
            await asyncio.Event().wait()

    assert 1000 * SENT_WITHIN_S < LEASE_MS
    monkeypatch.setattr("bot.handoff.alarms.alarms.SENT_WITHIN_S", 0.2)
    async with world(redis, agency) as it:
        ticket = await it.emergency()
        it.alarms._senders |= {MAIL: Hanging()}
        await it.later()
        alarmed, tries = await redis.hmget(keys.ticket_key(ticket), "alarmed", "alarm_tries")
        assert (alarmed, int(tries), len(it.twilio.sent), await it.left()) == (f'["{PHONE}"]', 1, 1, 1)


@pytest.mark.parametrize(("answers", "stored"), [(True, {MAIL, PHONE}), (False, {PHONE})])
async def test_process_that_stops_stores_who_got_an_alarm_and_sends_it_to_no_one_else(
    redis: Redis, agency: Agency, monkeypatch: pytest.MonkeyPatch, answers: bool, stored: set[str]
) -> None:
    monkeypatch.setattr(finishing, "FINISHED_WITHIN_S", 60.0 if answers else 0.1)
    server = MailServer(slow="content")
    async with world(redis, agency) as it, server.serving() as slow:
        ticket = await it.emergency()
        it.alarms._senders |= {MAIL: slow}
        running = asyncio.create_task(it.alarms.run())
        await eventually(lambda: asyncio.sleep(0, server.waiting and it.twilio.sent))
        stopping = asyncio.create_task(cancelled([running]))
        await asyncio.sleep(0)
        if answers:
            server.goes_on.set()
        await stopping
        server.goes_on.set()
        assert set(json.loads(await redis.hget(keys.ticket_key(ticket), "alarmed"))) == stored
        assert await it.left() == len({MAIL, PHONE} - stored)
        await it.later()
        assert (len(server.taken), len(it.twilio.sent)) == (1 if answers else 2, 1)


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
