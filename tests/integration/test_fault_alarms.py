"""Tests the fault harness's mail server and webhook: arrivals are recorded, and missing or repeated ones are found."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import insert

from benchmarks.faulting.alarms import HOOK, MAIL, SPIKE_MAIL, Alarms
from benchmarks.faulting.evidence import Evidence
from benchmarks.faulting.processes import local_ports
from benchmarks.faulting.providers import Mood
from benchmarks.faulting.told import KILLED, LIED, UNEXPLAINED, Struck
from benchmarks.faulting.verdict import LOST_ALARM, REFUSED_HOOK, Verdict
from bot.core.event_facts import TicketChange
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.core.network import ActionsEndpoint
from bot.core.texts import say
from bot.learning.backlog.embedding import Embedding
from bot.mail.senders import MailSender, SendingFailed, Words
from bot.record.engine import Sessions
from bot.record.tables import Conversation, Message, Spike
from bot.spikes.group_watch import GroupWatch
from bot.spikes.watch import SpikeWatch
from bot.spikes.webhook import SpikeWebhook
from bot.spikes.words import headline, page_of
from tests.eventually import eventually

AT = datetime(2026, 11, 29, tzinfo=UTC)
SPIKE = Spike(id=1, since=AT, at=AT, last_at=AT, streams=["total"], citizens=101, expected=1.0, window=5, chance=0.0)


def emergency(ticket: str) -> Words:
    return Words(say("desk.alarma.asunto", agencia="Los Aromos", tipo="incendio", numero=ticket), "texto")


def sender(settings: dict[str, str]) -> MailSender:
    return MailSender(SecretStr(settings["SMTP_URL"]), "chat@losaromos.example")


def returned(ticket: str, priority: str = "emergency") -> Event:
    facts = TicketChange(ticket=ticket, reason="danger", priority=priority, team="atencion", opened_at=0)
    return Event("1-0", "c", EventKind.TICKET_RETURNED, Author.SYSTEM, facts=facts, at=1)


def kinds(alarms: Alarms, found: Evidence, *struck: Struck) -> list[str]:
    return [kind for kind, _ in alarms.judge(found, struck)]


async def test_sent_alarms_are_recorded_and_missing_ones_are_found() -> None:
    alarms = Alarms(raised=[1, 2], numbers={"101": 1, "102": 2})
    alarms.mail.weights = alarms.hook.weights = {Mood.WELL: 1}
    async with alarms.serving() as settings:
        mail = sender(settings)
        await mail.send("turno@losaromos.example", emergency("12"))
        await mail.send("turno@losaromos.example", Words(f"Los Aromos: {headline(SPIKE)}", "texto"))
        await SpikeWebhook(settings["ALARM_WEBHOOK_URL"], SecretStr(settings["ALARM_WEBHOOK_SECRET"]), "").send(SPIKE)
        with pytest.raises(SendingFailed):
            await SpikeWebhook(settings["ALARM_WEBHOOK_URL"], SecretStr("another"), "").send(SPIKE)
    assert [(one.channel, one.chat) for one in alarms.delivered] == [(MAIL, "12"), (SPIKE_MAIL, "1"), (HOOK, "1")]
    assert kinds(alarms, Evidence(emergencies={"12", "13"})) == [REFUSED_HOOK, *[LOST_ALARM] * 3]
    assert {REFUSED_HOOK, LOST_ALARM} < set(Verdict.GRAVE)
    assert [alarms.keeps({"id": one, "priority": "emergency"}) for one in ("12", "13")] == [False, True]


async def test_mail_that_was_taken_without_a_word_is_repeated_for_that_reason() -> None:
    alarms = Alarms()
    async with alarms.serving() as settings:
        mail = sender(settings)
        for mood in (Mood.ACCEPTED_DROPPED, Mood.ACCEPTED_BROKEN, Mood.BROKEN, Mood.DROPPED):
            alarms.mail.weights = {mood: 1}
            with pytest.raises(SendingFailed):
                await mail.send("turno@losaromos.example", emergency("12"))
    assert kinds(alarms, Evidence()) == [LIED]
    alarms.mail.delivers(MAIL, "12", "", Mood.WELL, began=0.0)
    assert kinds(alarms, Evidence(logs={"c": [returned("12"), returned("12"), returned("12")]})) == []


def test_repeat_needs_a_fault_of_what_sends() -> None:
    alarms = Alarms()
    for _ in range(2):
        alarms.mail.delivers(SPIKE_MAIL, "101", "", Mood.WELL, began=float("inf"))
    at = alarms.delivered[0].at
    assert kinds(alarms, Evidence(), Struck("", at, at, frozenset({"postgres"}))) == [KILLED]
    assert kinds(alarms, Evidence(), Struck("", at, at, frozenset({"rasa"}))) == [UNEXPLAINED]


@pytest.mark.parametrize(("priority", "found"), [("emergency", []), ("normal", [UNEXPLAINED])])
def test_only_what_makes_an_emergency_wait_again_explains_another_mail(priority: str, found: list[str]) -> None:
    alarms = Alarms()
    for _ in range(2):
        alarms.mail.delivers(MAIL, "12", "", Mood.WELL, began=float("inf"))
    assert kinds(alarms, Evidence(logs={"c": [returned("12"), returned("12", priority)]})) == found


async def test_mail_that_is_held_is_known_by_its_port_and_may_fail_later() -> None:
    alarms = Alarms()
    async with alarms.serving() as settings:
        with alarms.holding():
            sending = asyncio.create_task(sender(settings).send("turno@losaromos.example", emergency("12")))
            await eventually(lambda: bool(alarms.waiting))
            ((port, ticket),) = alarms.waiting.items()
            assert ticket == "12" and port in local_ports(os.getpid())
            alarms.turned_away.add(port)
        with pytest.raises(SendingFailed):
            await sending
    assert alarms.mailed("12") == 0


async def test_spike_is_known_by_its_link_or_else_by_its_number_of_citizens() -> None:
    alarms = Alarms(numbers={"101": 7})
    alarms.mail.weights = {Mood.WELL: 1}
    async with alarms.serving() as settings:
        for text in (f"Más aquí: {page_of(SPIKE, 'https://chat.example')}", "Más en la mesa."):
            await sender(settings).send("turno@losaromos.example", Words(f"Los Aromos: {headline(SPIKE)}", text))
    assert [(one.channel, one.chat) for one in alarms.delivered] == [(SPIKE_MAIL, "1"), (SPIKE_MAIL, "7")]


async def test_detector_of_a_bot_that_starts_later_finds_the_harness_as_a_spike_of_its_own(
    database: Sessions, database_url: str
) -> None:
    alarms, now, zone = Alarms(), datetime.now(UTC).replace(second=30, microsecond=0), "America/Santiago"
    await alarms.write_history(database_url)
    await alarms.raise_spike(database_url)
    async with database.begin() as session:
        for number in range(12):
            times = {"started_at": now, "last_at": now}
            await session.execute(insert(Conversation).values(id=f"c{number}", channel="web", **times))
            at, said = now - timedelta(minutes=1 + number % 4), {"author": "citizen", "text": "hola", "data": {}}
            await session.execute(insert(Message).values(conversation_id=f"c{number}", event_id="1-0", at=at, **said))

    async def notify(_beat: object) -> None:
        pass

    groups = GroupWatch(database, Embedding(ActionsEndpoint("")), zone)
    rules = {"timezone": zone, "topic_of": lambda _entry: "", "false_every_days": 8, "notify": notify}
    await SpikeWatch(database, groups, **rules).look(now)  # type: ignore[arg-type]
    await alarms.read_detected(database_url)
    assert (len(alarms.detected), len(alarms.raised)) == (1, 2)
