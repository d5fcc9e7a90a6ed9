"""Tests that what citizens and staff chose comes back after a loss of Redis: «Avísame», «alta», the roll-out steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis
from sqlalchemy import insert, update

from bot.conversation.change import Change
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.desk.auth.audit import CODE_CHANGED, Action, AuditLog
from bot.record.engine import Sessions
from bot.record.recovery import Recovery
from bot.record.restored.choices import RECORDED_SINCE
from bot.record.tables import Message, Subscription
from bot.store import keys
from bot.text.notice_words import NOTIFY_NEAR_ID
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.turns.rollout import Kind, Rollout, Step
from tests.no_record import mailbox_of
from tests.recording import recording, until_recorded

ANA = StaffRef("ana", "Ana Soto")
HANDOFF = Handoff(HandoffReason.ASKED_HUMAN, team="obras")


async def says(redis: Redis, text: str, *, button: str | None = None, handoff: Handoff | None = None) -> None:
    """Writes a message of the citizen c1 and its reply."""
    inbox = mailbox_of(redis)
    message = CitizenMessage("c1", Channel.TELEGRAM, f"m-{text}", text, at=0, button=button)
    await inbox.accept(message, address="sealed")
    speaker = Speaker.ASSISTANT if handoff else (await inbox.state("c1")).speaker
    await inbox.commit([message], (Reply("ya"),), speaker=speaker, change=Change(), handoff=handoff)


async def lose(redis: Redis, database: Sessions) -> None:
    await redis.flushall()
    await Recovery(redis, database).run()


@pytest.mark.parametrize(
    ("text", "button", "wanted"),
    [("me avisan", None, True), ("Avísame", NOTIFY_NEAR_ID, True), ("gracias", None, False)],
)
async def test_wish_to_be_told_when_the_turn_is_near_comes_back(
    redis: Redis, database: Sessions, text: str, button: str | None, wanted: bool
) -> None:
    async with recording(redis, database):
        await redis.set(keys.RESTORED, "1")
        await says(redis, "quiero hablar con alguien", handoff=HANDOFF)
        await says(redis, text, button=button)
        await until_recorded(redis)
    await lose(redis, database)
    (waiting,) = await Tickets(redis).waiting()
    assert waiting.notify_near is wanted


@pytest.mark.parametrize(
    ("later", "since", "refuses"),
    [
        ("alta", timedelta(days=-1), False),
        ("alta", timedelta(days=1), True),
        ("hola", timedelta(days=-1), True),
        ("avísenme", timedelta(days=-1), True),
    ],
)
async def test_alta_counts_only_if_its_release_did_not_record_it_and_no_avisenme_to_an_agent(
    redis: Redis, database: Sessions, later: str, since: timedelta, refuses: bool
) -> None:
    async with recording(redis, database):
        await says(redis, "quiero hablar con alguien", handoff=HANDOFF)
        (waiting,) = await Tickets(redis).waiting()
        await Tickets(redis).claim(waiting.id, ANA, Reply("te atiende Ana"))
        await says(redis, later)
        await until_recorded(redis)
    async with database.begin() as session:
        refusal = {
            "conversation_id": "c1",
            "channel": "telegram",
            "address": None,
            "at": datetime(2000, 1, 1, tzinfo=UTC),
        }
        await session.execute(insert(Subscription).values(refusal))
        await session.execute(update(Message).values(at=RECORDED_SINCE + since))
    await lose(redis, database)
    assert bool(await redis.sismember(keys.NOTICES_OFF, "c1")) is refuses


async def test_channels_stay_closed_after_a_loss_of_redis(redis: Redis, database: Sessions) -> None:
    audit = AuditLog(database)
    for channel, step, percent in (("web", "share", 25), ("telegram", "off", 0), ("web", "share", 50)):
        await audit.record(Action.ROLLOUT_CHANGED, staff_id=None, subject=channel, step=step, percent=percent)
    await audit.record(Action.ROLLOUT_CHANGED, staff_id=None, subject=CODE_CHANGED)
    await lose(redis, database)
    rollout = Rollout(redis)
    told = {Channel.WEB: Step(Kind.SHARE, 50), Channel.TELEGRAM: Step(Kind.OFF, 0), Channel.WHATSAPP: Step()}
    assert await rollout.steps() == told
    await rollout.set(Channel.WEB, Step(Kind.ON))
    await Recovery(redis, database).run()
    assert (await rollout.steps())[Channel.WEB] == Step(Kind.ON)
